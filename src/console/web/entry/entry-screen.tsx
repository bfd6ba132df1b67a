/** Before anybody is signed in: signing in, or making the first administrator. */
import { ActionIcon } from '@mantine/core'
import { IconLanguage, IconShieldCheckFilled } from '@tabler/icons-react'
import { useSettings, useTexts } from '../shell/settings.tsx'
import classes from './entry.module.css'
import { FirstStart } from './first-start.tsx'
import { SignIn } from './sign-in.tsx'

export function EntryScreen({ isFirst }: { readonly isFirst: boolean }) {
  const { shell, entry } = useTexts()
  const { language, setLanguage } = useSettings()
  return (
    <main className={classes.page}>
      <ActionIcon
        className={classes.language}
        aria-label={shell.switchLanguage}
        title={shell.switchLanguage}
        lang={language === 'zh' ? 'en' : 'zh'}
        onClick={() => setLanguage(language === 'zh' ? 'en' : 'zh')}
      >
        <IconLanguage size={18} stroke={1.6} />
      </ActionIcon>
      <div className={classes.card}>
        <div className={classes.brand}>
          <IconShieldCheckFilled size={30} aria-hidden />
          <span>{shell.product}</span>
        </div>
        <h1 className={classes.title}>{isFirst ? entry.first.title : entry.title}</h1>
        <p className={classes.lead}>{isFirst ? entry.first.lead : entry.lead}</p>
        {isFirst ? <FirstStart /> : <SignIn />}
      </div>
    </main>
  )
}
