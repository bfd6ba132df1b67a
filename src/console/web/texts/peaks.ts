/** Texts of what is still to come of a day, and of what campaigns bring. */
import { count, type SameTexts } from './language.ts'

const en = {
  title: 'Redemptions of the day',
  tooEarly: (day: string) => `${day}: too early for a forecast of redemptions`,
  quiet: (day: string, forecast: string) => `${day}: about ${forecast} redemptions expected`,
  onCourse: (day: string, forecast: string, limit: string) =>
    `${day}: on course for about ${forecast} redemptions, more than ${limit}`,
  past: (day: string, redemptions: string, limit: string) =>
    `${day}: ${redemptions} redemptions already, more than ${limit}`,
  announced: 'announced',
  unannounced: 'not announced',
  soFar: (redemptions: string) => `${redemptions} so far`,
  total: (forecast: string) => `about ${forecast} expected`,
  byDays: (days: number) => `by ${count(days, 'day', 'days')} before`,
  byPace: 'at the pace of the last hour',
  busiest: (from: string, redemptions: string) => `busiest hour from ${from}, about ${redemptions}`,
  toAnnounce:
    'So many must be announced beforehand. If they are meant to be, give a campaign in the campaigns file its',
  toImport: 'and import the file (on one machine: start again):',
  ifNot: '. If not, look at who redeems.',
  next: (when: string) => `peak ${when}`,
  issued: (n: string) => `${n} issued`,
  ratio: 'Return',
  ratioOf: (orders: string, coupons: string, redemptions: string) =>
    `${orders} of orders for ${coupons} of coupons, ${redemptions} redemptions`,
}
const zh: SameTexts<typeof en> = {
  title: '当日核销',
  tooEarly: (day) => `${day}：时间尚早，暂无核销预测`,
  quiet: (day, forecast) => `${day}：预计全天核销约 ${forecast} 笔`,
  onCourse: (day, forecast, limit) => `${day}：预计全天核销约 ${forecast} 笔，将超过 ${limit}`,
  past: (day, redemptions, limit) => `${day}：已核销 ${redemptions} 笔，超过 ${limit}`,
  announced: '已报备',
  unannounced: '未报备',
  soFar: (redemptions) => `目前 ${redemptions} 笔`,
  total: (forecast) => `预计约 ${forecast} 笔`,
  byDays: (days) => `依据前 ${days} 天的走势`,
  byPace: '按最近一小时的速度',
  busiest: (from, redemptions) => `预计高峰自 ${from} 起一小时，约 ${redemptions} 笔`,
  toAnnounce: '超过此数须提前报备。如属计划内，请在活动文件中为某个活动填写',
  toImport: '并导入该文件（单机运行时须重新启动）：',
  ifNot: '；否则请查看是谁在核销。',
  next: (when) => `高峰 ${when}`,
  issued: (n) => `已发放 ${n}`,
  ratio: '投入产出比',
  ratioOf: (orders, coupons, redemptions) =>
    `${redemptions} 笔核销：订单 ${orders}，用券 ${coupons}`,
}
export const peakTexts = { en, zh }
