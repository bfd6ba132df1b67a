/**
 * People of a console that is looked at, and what they have done there: so that screens show what a
 * team sees, verdicts, notes and locks of colleagues among it. Deeds go through the API as the
 * page's do, with a session and its token against forgery.
 */
import type { APIRequestContext, Browser, BrowserContext } from 'playwright-core'
import { csrfHeader, type OperationName, operations } from '../../src/console/api/operations.ts'

export type StorageState = Awaited<ReturnType<BrowserContext['storageState']>>

export interface Credentials {
  readonly name: string
  readonly password: string
}

type Call = (
  name: OperationName,
  sent?: { readonly params?: Readonly<Record<string, string>>; readonly body?: object },
) => Promise<unknown>

async function call(
  request: APIRequestContext,
  address: string,
  sent: { readonly method: string; readonly data?: object; readonly csrf?: string },
): Promise<unknown> {
  const { method, data, csrf } = sent
  const response = await request.fetch(address, {
    method,
    ...(data === undefined ? {} : { data }),
    ...(csrf === undefined ? {} : { headers: { [csrfHeader]: csrf } }),
  })
  if (response.ok()) return response.json()
  throw new Error(`${method} ${address}: ${response.status()} ${await response.text()}`)
}

/** Signs in, or with a setup code makes the first administrator; gives what a browser keeps. */
export async function enter(
  browser: Browser,
  url: string,
  who: Credentials & { readonly code?: string },
): Promise<StorageState> {
  const context = await browser.newContext()
  const { path } = who.code === undefined ? operations.signIn : operations.firstStart
  await call(context.request, url + path, { method: 'POST', data: who })
  const state = await context.storageState()
  await context.close()
  return state
}

/** Calls operations as the person of a session. */
async function callsOf(request: APIRequestContext, url: string): Promise<Call> {
  const session = await call(request, url + operations.showSession.path, { method: 'GET' })
  const { csrf } = operations.showSession.answer.parse(session)
  return (name, { params = {}, body } = {}) => {
    const { method, path } = operations[name]
    const address = path.replace(/:(\w+)/g, (_, param: string) =>
      encodeURIComponent(params[param] ?? ''),
    )
    const data = method === 'GET' ? {} : { data: body ?? {} }
    return call(request, url + address, { method, csrf: csrf ?? '', ...data })
  }
}

export const administrator: Credentials = { name: 'Wei', password: 'correct horse battery' }
const colleague: Credentials = { name: 'Lin Yue', password: 'a lantern over the quiet harbour' }
const onlooker = 'Chen Hao'
export const peopleNames: readonly string[] = [administrator.name, colleague.name, onlooker]

const reasons = ['Same flat, same phones', 'Paid in the shop', 'Cannot tell from this'] as const
const grounds = ['The photos were of the shop itself', 'All of it was for one family'] as const
const verdicts = ['fraud', 'fraud', 'legitimate', 'fraud', 'inconclusive'] as const
const hourMs = 3_600_000
/** Of the queue: the first stay open to be looked at. */
const [untouched, decided] = [6, 12]

/**
 * A day's work in a console that has a full queue, by its administrator and a colleague: verdicts,
 * notes, a case taken, entries of lists, an alert acknowledged, a program's token.
 */
export async function workADay(
  browser: Browser,
  url: string,
  { session, at }: { readonly session: StorageState; readonly at: number },
): Promise<void> {
  const lead = await browser.newContext({ storageState: session })
  const asLead = await callsOf(lead.request, url)
  await asLead('addPerson', { body: { ...colleague, role: 'reviewer' } })
  await asLead('addPerson', {
    body: { name: onlooker, role: 'viewer', password: colleague.password },
  })
  await asLead('addToken', { body: { name: 'nightly-report', role: 'viewer' } })
  await listSome(asLead, at)
  const alerts = operations.listAlerts.answer.parse(await asLead('listAlerts'))
  const [alert] = alerts.rows
  if (alert !== undefined) await asLead('acknowledgeAlert', { params: { id: alert.id } })
  const reviewer = await browser.newContext({
    storageState: await enter(browser, url, colleague),
  })
  const asReviewer = await callsOf(reviewer.request, url)
  const page = operations.listCases.answer.parse(
    await call(lead.request, `${url}${operations.listCases.path}?outcome=review&limit=100`, {
      method: 'GET',
    }),
  )
  const keys = page.rows.map(({ key }) => key)
  const [byLead, byReviewer]: [string[], string[]] = [[], []]
  for (const [index, key] of keys.slice(untouched, untouched + decided).entries()) {
    const verdict = verdicts[index % verdicts.length]!
    const reason = index % 2 === 0 ? { reason: reasons[index % reasons.length]! } : {}
    const [act, frauds] = index % 3 === 0 ? [asLead, byLead] : [asReviewer, byReviewer]
    await act('decideCase', { params: { key }, body: { verdict, ...reason } })
    if (verdict === 'fraud') frauds.push(key)
  }
  await punishSome(asLead, asReviewer, [...byLead, ...byReviewer])
  const [first, second, third] = keys
  if (first !== undefined)
    await asReviewer('addNote', {
      params: { key: first },
      body: { text: 'Merchant asked on the phone: the till is at a family, two devices.' },
    })
  for (const key of [second, third])
    if (key !== undefined) await asReviewer('takeCase', { params: { key } })
  await lead.close()
  await reviewer.close()
}

/** In every state, the oldest first: a violation, and how the appeal against it ends. */
const punished = [
  ['false-advertising', 'legitimate'],
  ['cashing-out', 'fraud'],
  ['cashing-out', 'waits'],
  ['api-hijack', null],
  ['cashing-out', null],
] as const

/** The first of the cases are the lead's own, so that the reviewer may judge appeals. */
async function punishSome(
  asLead: Call,
  asReviewer: Call,
  frauds: readonly string[],
): Promise<void> {
  for (const [at, [wanted, appeal]] of punished.entries()) {
    const params = { key: frauds[at]! }
    const answer = await asLead('proposePenalty', { params })
    const { violations } = operations.proposePenalty.answer.parse(answer)
    const proposal = violations.find(({ violation }) => violation === wanted) ?? violations[0]!
    const { violation, offence } = proposal
    const imposed = await asLead('imposePenalty', { params, body: { violation, offence } })
    if (appeal === null) continue
    const { id } = operations.imposePenalty.answer.parse(imposed)
    await asLead('appealPenalty', { params: { id }, body: { ground: grounds[at % 2]! } })
    if (appeal === 'waits') continue
    await asReviewer('decideCase', { params, body: { verdict: appeal } })
  }
}

async function listSome(asLead: Call, at: number): Promise<void> {
  const entries = [
    { list: 'block', kind: 'device', value: 'd-farm-0131', note: 'Ring of May', expiresAt: null },
    { list: 'block', kind: 'ip', value: '203.0.113.0/24', expiresAt: at + 30 * 24 * hourMs },
    { list: 'watch', kind: 'user', value: 'o-0517-weilin', note: 'Refunds', expiresAt: null },
    { list: 'allow', kind: 'referrer', value: 'partner.example', expiresAt: at + 72 * hourMs },
  ]
  for (const body of entries) await asLead('addEntry', { body })
}
