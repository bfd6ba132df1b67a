/** Texts of alerts and of the overview. */
import type { SameTexts } from './language.ts'

const en = {
  title: 'Alerts',
}
const zh: SameTexts<typeof en> = {
  title: '告警',
}
export const alertTexts = { en, zh }
