/** Texts of the registers: lists, dead letters, audit log, people. */
import type { SameTexts } from './language.ts'

const en = {
  title: 'Lists',
}
const zh: SameTexts<typeof en> = {
  title: '名单',
}
export const registerTexts = { en, zh }
