/**
 * What happened, as one paragraph for people, in both languages: when, who, what, where, how much,
 * from which address and device, and what is out of the ordinary. Pure: pieces come out, so that
 * whatever the event carries stays apart from the words around it.
 */
import type { CaseRow } from '../../api/case-shapes.ts'
import { wordFor, words } from '../texts/words.ts'
import type { Format } from '../time/format.ts'
import { countOf, type EventFacts, flagOf, numberOf, textOf } from './facts.ts'

export interface Part {
  readonly text: string
  /** What an event's own words are; `words` are ours. */
  readonly is: 'words' | 'user' | 'device' | 'ip' | 'fact' | 'strong'
}

interface Subject {
  readonly row: CaseRow
  readonly event: EventFacts
  readonly format: Format
}

const ours = (text: string): Part => ({ text, is: 'words' })
const fact = (text: string): Part => ({ text, is: 'fact' })
const strong = (text: string): Part => ({ text, is: 'strong' })

export function sentenceOf(subject: Subject): readonly Part[] {
  return subject.format.language === 'zh' ? inChinese(subject) : inEnglish(subject)
}

function inEnglish({ row, event, format }: Subject): readonly Part[] {
  const { en } = words
  const coupon = wordFor(en.coupon, textOf(event, 'couponType') ?? 'coupon')
  const verb = failed(event)
    ? {
        claim: 'tried in vain to claim',
        redemption: 'tried in vain to redeem',
        reversal: 'asked in vain for a refund of',
      }
    : { claim: 'claimed', redemption: 'redeemed', reversal: 'asked for a refund of' }
  const did = row.kind === 'unknown' ? 'used' : verb[row.kind]
  const parts = [ours('User '), { text: row.user, is: 'user' } as const, ours(` ${did} a `)]
  parts.push(strong(coupon))
  const worth = numberOf(event, 'couponAmount')
  if (worth !== null) parts.push(ours(' worth '), strong(format.money(worth, row.currency)))
  parts.push(ours(' of campaign '), fact(row.campaign))
  if (row.merchant !== null) parts.push(ours(' at merchant '), fact(row.merchant))
  if (row.channel !== null)
    parts.push(ours(' by way of '), ours(wordFor(en.channel, row.channel).toLowerCase()))
  parts.push(ours(' on '), strong(format.time(row.occurredAt)))
  if (row.ip !== null) parts.push(ours(' from address '), { text: row.ip, is: 'ip' })
  if (row.device === null) parts.push(ours(', without a device fingerprint'))
  else parts.push(ours(' with device '), { text: row.device, is: 'device' })
  parts.push(ours('.'))
  const order = numberOf(event, 'orderAmount')
  if (order !== null)
    parts.push(ours(' The order came to '), strong(format.money(order, row.currency)), ours('.'))
  return [...parts, ...moreInEnglish({ row, event, format })]
}

function moreInEnglish({ row, event, format }: Subject): readonly Part[] {
  const parts: Part[] = []
  const since = (field: string) => {
    const at = numberOf(event, field)
    return at === null || at > row.occurredAt ? null : format.span(row.occurredAt - at)
  }
  const registered = since('registeredAt')
  if (registered !== null) parts.push(ours(' The account was '), strong(registered), ours(' old.'))
  const sender = textOf(event, 'transferSender')
  const sent = since('transferredAt')
  if (sender !== null) {
    parts.push(ours(' It was passed on by '), { text: sender, is: 'user' })
    if (sent !== null) parts.push(ours(' '), strong(sent), ours(' before'))
    const hop = numberOf(event, 'transferHop')
    if (hop !== null && hop > 1) parts.push(ours(', for the '), strong(ordinal(hop)), ours(' time'))
    parts.push(ours('.'))
  }
  const referrer = textOf(event, 'referrerDomain')
  if (referrer !== null) parts.push(ours(' The link came from '), fact(referrer), ours('.'))
  const stacked = countOf(event, 'stacked')
  if (stacked > 0)
    parts.push(ours(' The order stacked '), strong(String(stacked)), ours(' further coupons.'))
  if (flagOf(event, 'identityVerified') === false)
    parts.push(ours(' The user’s identity is not verified.'))
  return parts
}

const ordinal = (of: number) => {
  const tail = of % 100 > 10 && of % 100 < 14 ? 'th' : (['th', 'st', 'nd', 'rd'][of % 10] ?? 'th')
  return `${of}${tail}`
}

function inChinese({ row, event, format }: Subject): readonly Part[] {
  const { zh } = words
  const coupon = wordFor(zh.coupon, textOf(event, 'couponType') ?? 'coupon')
  const did = row.kind === 'unknown' ? '使用' : zh.kind[row.kind]
  const done = failed(event) ? ` 尝试${did}活动 ` : ` ${did}了活动 `
  const parts: Part[] = [strong(format.time(row.occurredAt)), ours('，用户 ')]
  parts.push({ text: row.user, is: 'user' })
  if (row.ip !== null) parts.push(ours(' 从地址 '), { text: row.ip, is: 'ip' })
  if (row.device === null) parts.push(ours('（无设备指纹）'))
  else parts.push(ours(' 使用设备 '), { text: row.device, is: 'device' })
  if (row.channel !== null) parts.push(ours(` 通过${wordFor(zh.channel, row.channel)}渠道`))
  if (row.merchant !== null) parts.push(ours('，在商户 '), fact(row.merchant))
  parts.push(ours(row.kind === 'reversal' ? ' 申请退款，涉及活动 ' : done), fact(row.campaign))
  parts.push(ours(' 的'), strong(coupon))
  const worth = numberOf(event, 'couponAmount')
  if (worth !== null) parts.push(ours('，面额 '), strong(format.money(worth, row.currency)))
  const order = numberOf(event, 'orderAmount')
  if (order !== null) parts.push(ours('，订单金额 '), strong(format.money(order, row.currency)))
  parts.push(ours(failed(event) ? '，未成功。' : '。'))
  return [...parts, ...moreInChinese({ row, event, format })]
}

function moreInChinese({ row, event, format }: Subject): readonly Part[] {
  const parts: Part[] = []
  const since = (field: string) => {
    const at = numberOf(event, field)
    return at === null || at > row.occurredAt ? null : format.span(row.occurredAt - at)
  }
  const registered = since('registeredAt')
  if (registered !== null) parts.push(ours('该账号当时已注册 '), strong(registered), ours('。'))
  const sender = textOf(event, 'transferSender')
  const sent = since('transferredAt')
  if (sender !== null) {
    parts.push(ours('此券由 '), { text: sender, is: 'user' })
    if (sent !== null) parts.push(ours(' 于 '), strong(sent), ours('前'))
    parts.push(ours(' 转赠'))
    const hop = numberOf(event, 'transferHop')
    if (hop !== null && hop > 1) parts.push(ours('，已转手 '), strong(String(hop)), ours(' 次'))
    parts.push(ours('。'))
  }
  const referrer = textOf(event, 'referrerDomain')
  if (referrer !== null) parts.push(ours('链接来自 '), fact(referrer), ours('。'))
  const stacked = countOf(event, 'stacked')
  if (stacked > 0) parts.push(ours('订单另叠加了 '), strong(String(stacked)), ours(' 张券。'))
  if (flagOf(event, 'identityVerified') === false) parts.push(ours('用户未实名认证。'))
  return parts
}

const failed = (event: EventFacts) =>
  /^(?!succeeded$|unknown$)./.test(textOf(event, 'attempt') ?? 'unknown')
