/** All texts of the page under one roof, for each language. */
import { alertTexts } from './alerts.ts'
import { caseTexts } from './case.ts'
import { entryTexts } from './entry.ts'
import { keyTexts } from './keys.ts'
import type { Language } from './language.ts'
import { peakTexts } from './peaks.ts'
import { penaltyTexts } from './penalties.ts'
import { queueTexts } from './queue.ts'
import { registerTexts } from './registers.ts'
import { shellTexts } from './shell.ts'
import { words } from './words.ts'

const dictionaryOf = (language: Language) => ({
  words: words[language],
  shell: shellTexts[language],
  entry: entryTexts[language],
  keys: keyTexts[language],
  queue: queueTexts[language],
  case: caseTexts[language],
  alerts: alertTexts[language],
  registers: registerTexts[language],
  penalties: penaltyTexts[language],
  peaks: peakTexts[language],
})
export type Dictionary = ReturnType<typeof dictionaryOf>
export const dictionaries: Readonly<Record<Language, Dictionary>> = {
  zh: dictionaryOf('zh'),
  en: dictionaryOf('en'),
}
