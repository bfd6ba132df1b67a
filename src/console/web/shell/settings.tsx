/** What a person sees the page in: language and formatters; kept in the browser. */
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react'
import { type Dictionary, dictionaries } from '../texts/dictionary.ts'
import { type Language, languageFrom } from '../texts/language.ts'
import { type Format, makeFormat } from '../time/format.ts'

interface Settings {
  readonly language: Language
  readonly setLanguage: (language: Language) => void
}

const storageKey = 'couponguard.language'
const SettingsContext = createContext<Settings>({ language: 'zh', setLanguage: () => {} })
const FormatContext = createContext<Format>(makeFormat('zh', 'UTC'))

export function SettingsProvider({ children }: { readonly children: ReactNode }) {
  const [language, choose] = useState(() =>
    languageFrom(localStorage.getItem(storageKey), navigator.languages),
  )
  useEffect(() => {
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en-GB'
  }, [language])
  const settings = useMemo(
    () => ({
      language,
      setLanguage: (chosen: Language) => {
        localStorage.setItem(storageKey, chosen)
        choose(chosen)
      },
    }),
    [language],
  )
  return <SettingsContext value={settings}>{children}</SettingsContext>
}

/** Formatters for everything below, in the playbook's time zone. */
export function FormatProvider(given: { readonly timeZone: string; readonly children: ReactNode }) {
  const { language } = useSettings()
  const format = useMemo(() => makeFormat(language, given.timeZone), [language, given.timeZone])
  return <FormatContext value={format}>{given.children}</FormatContext>
}

export const useSettings = (): Settings => useContext(SettingsContext)
export const useTexts = (): Dictionary => dictionaries[useSettings().language]
export const useFormat = (): Format => useContext(FormatContext)
