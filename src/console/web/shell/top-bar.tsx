/** The bar on top: commands, whether live, keys, language, theme, and who is signed in. */
import { ActionIcon, Menu, Tooltip, UnstyledButton, useMantineColorScheme } from '@mantine/core'
import {
  IconBrightness,
  IconCheck,
  IconDeviceDesktop,
  IconKeyboard,
  IconLanguage,
  IconMoon,
  IconSearch,
  IconSun,
} from '@tabler/icons-react'
import { Caps } from '../keys/caps.tsx'
import { PersonMenu } from './person-menu.tsx'
import { useSettings, useTexts } from './settings.tsx'
import classes from './shell.module.css'

export function TopBar(given: {
  readonly isLive: boolean
  readonly openPalette: () => void
  readonly openHelp: () => void
}) {
  const { shell } = useTexts()
  const { language, setLanguage } = useSettings()
  return (
    <div className={classes.top}>
      <UnstyledButton className={classes.commands} onClick={given.openPalette}>
        <IconSearch size={15} stroke={1.8} aria-hidden />
        <span className={classes.commandsText}>{shell.palette.search}</span>
        <Caps of="palette" />
      </UnstyledButton>
      <span className={classes.grow} />
      <span className={classes.live} role="status" aria-label={shell.live.label}>
        <span className={`${classes.dot} ${given.isLive ? classes.dotOn : ''}`} aria-hidden />
        {given.isLive ? shell.live.on : shell.live.off}
      </span>
      <Tooltip label={shell.help.open}>
        <ActionIcon aria-label={shell.help.open} onClick={given.openHelp}>
          <IconKeyboard size={18} stroke={1.6} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label={shell.switchLanguage}>
        <ActionIcon
          aria-label={shell.switchLanguage}
          lang={language === 'zh' ? 'en' : 'zh'}
          onClick={() => setLanguage(language === 'zh' ? 'en' : 'zh')}
        >
          <IconLanguage size={18} stroke={1.6} />
        </ActionIcon>
      </Tooltip>
      <ThemeMenu />
      <PersonMenu />
    </div>
  )
}

const schemes = [
  ['light', IconSun],
  ['dark', IconMoon],
  ['auto', IconDeviceDesktop],
] as const

function ThemeMenu() {
  const { shell } = useTexts()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon aria-label={shell.theme.label} title={shell.theme.label}>
          <IconBrightness size={18} stroke={1.6} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {schemes.map(([scheme, Icon]) => (
          <Menu.Item
            key={scheme}
            leftSection={<Icon size={15} />}
            rightSection={colorScheme === scheme ? <IconCheck size={14} /> : null}
            onClick={() => setColorScheme(scheme)}
          >
            {shell.theme[scheme]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
