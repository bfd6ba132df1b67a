/** Words of the contract (outcomes, verdicts, kinds, tiers…) in both languages. */
import type { RejectionReason } from '../../../core/event/rejection.ts'
import type { SameTexts } from './language.ts'

const en = {
  outcome: { allow: 'Allow', review: 'Review', block: 'Block' },
  verdict: { fraud: 'Fraud', legitimate: 'Legitimate', inconclusive: 'Inconclusive' },
  state: { open: 'Open', decided: 'Decided', any: 'All' },
  kind: { claim: 'Claim', redemption: 'Redemption', reversal: 'Reversal', unknown: 'Unknown' },
  entity: {
    user: 'User',
    device: 'Device',
    ip: 'Address',
    phone: 'Phone',
    code: 'Code',
    referrer: 'Referrer',
  },
  tier: { 'device-ip': 'Device and address', behaviour: 'Behaviour', blacklist: 'Blacklist' },
  list: { block: 'Block list', allow: 'Allow list', watch: 'Watch list' },
  role: {
    viewer: 'Viewer',
    reviewer: 'Reviewer',
    lead: 'Lead',
    administrator: 'Administrator',
  },
  channel: {
    'account-menu': 'Account menu',
    'mini-program-popup': 'Mini-program pop-up',
    'group-share': 'Group sharing',
    'offline-scan': 'Offline scan',
    'gift-after-payment': 'Gift after payment',
  },
  category: {
    catering: 'Catering',
    'e-commerce': 'E-commerce',
    'local-services': 'Local services',
    'top-up': 'Top-up',
  },
  coupon: {
    voucher: 'voucher',
    'top-up': 'top-up voucher',
    'gift-card': 'gift card',
    coupon: 'coupon',
  },
  alertState: { raised: 'Raised', cleared: 'Cleared', closed: 'Closed' },
  rejection: {
    'not-json': 'Not JSON',
    'not-avro': 'Not Avro',
    'bad-frame': 'Bad frame',
    'unknown-schema': 'Unknown schema',
    'incompatible-schema': 'Incompatible schema',
    'invalid-utf8': 'Invalid UTF-8',
    'too-large': 'Too large',
    'missing-field': 'Field missing',
    'bad-field': 'Field wrong',
    'negative-amount': 'Negative amount',
    'future-time': 'Time in the future',
    'stale-time': 'Time long past',
    'conflicting-id': 'Id used for another event',
  } satisfies Record<RejectionReason, string>,
}
const zh: SameTexts<typeof en> = {
  outcome: { allow: '放行', review: '待审', block: '拦截' },
  verdict: { fraud: '欺诈', legitimate: '正常', inconclusive: '存疑' },
  state: { open: '待处理', decided: '已判定', any: '全部' },
  kind: { claim: '领取', redemption: '核销', reversal: '冲正', unknown: '未知' },
  entity: {
    user: '用户',
    device: '设备',
    ip: '地址',
    phone: '手机号',
    code: '券码',
    referrer: '来源域名',
  },
  tier: { 'device-ip': '设备与地址', behaviour: '行为', blacklist: '黑名单' },
  list: { block: '黑名单', allow: '白名单', watch: '观察名单' },
  role: { viewer: '只读', reviewer: '审核员', lead: '组长', administrator: '管理员' },
  channel: {
    'account-menu': '账户菜单',
    'mini-program-popup': '小程序弹窗',
    'group-share': '社群分享',
    'offline-scan': '线下扫码',
    'gift-after-payment': '支付有礼',
  },
  category: {
    catering: '餐饮',
    'e-commerce': '电商',
    'local-services': '本地生活',
    'top-up': '充值',
  },
  coupon: { voucher: '代金券', 'top-up': '充值券', 'gift-card': '礼品卡', coupon: '优惠券' },
  alertState: { raised: '告警中', cleared: '已恢复', closed: '已结束' },
  rejection: {
    'not-json': '不是 JSON',
    'not-avro': '不是 Avro',
    'bad-frame': '消息帧错误',
    'unknown-schema': '未知的 schema',
    'incompatible-schema': 'schema 不兼容',
    'invalid-utf8': 'UTF-8 无效',
    'too-large': '过大',
    'missing-field': '缺少字段',
    'bad-field': '字段有误',
    'negative-amount': '金额为负',
    'future-time': '时间在未来',
    'stale-time': '时间过早',
    'conflicting-id': '编号与其他事件冲突',
  },
}
export const words = { en, zh }

/** The word for a value of the contract; a value that has none is shown as it came. */
export function wordFor(table: Readonly<Record<string, string>>, value: string): string {
  return Object.hasOwn(table, value) ? table[value]! : value
}
