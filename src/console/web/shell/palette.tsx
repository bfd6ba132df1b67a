/** The command palette: every screen, what can be done here, and looking something up. */
import { useMantineColorScheme } from '@mantine/core'
import { Spotlight, type SpotlightActionGroupData, spotlight } from '@mantine/spotlight'
import { IconSearch } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { useNavigate } from 'react-router'
import { useMay } from '../api/use-api.tsx'
import type { KeyId } from '../keys/bindings.ts'
import { Caps } from '../keys/caps.tsx'
import { useSettings, useTexts } from './settings.tsx'
import { waitingQueue } from './waiting-queue.ts'

const screens = [
  ['queue', waitingQueue, 'go-queue'],
  ['alerts', '/alerts', 'go-alerts'],
  ['overview', '/overview', 'go-overview'],
  ['lists', '/lists', 'go-lists'],
  ['penalties', '/penalties', 'go-penalties'],
  ['letters', '/dead-letters', 'go-letters'],
  ['audit', '/audit', 'go-audit'],
  ['people', '/people', 'go-people'],
] as const satisfies readonly (readonly [string, string, KeyId])[]

export function Palette(given: { readonly close: () => void; readonly openHelp: () => void }) {
  const { shell } = useTexts()
  const [text, setText] = useState('')
  const groups = useGroups(given.openHelp)
  const navigate = useNavigate()
  useEffect(() => spotlight.open(), [])
  const find: SpotlightActionGroupData = {
    group: shell.nav.queue,
    actions: [
      {
        id: 'find',
        label: shell.palette.find(text.trim()),
        keywords: text,
        leftSection: <IconSearch size={16} />,
        onClick: () => {
          const query = new URLSearchParams({ search: text.trim(), state: 'any' })
          Promise.resolve(navigate(`/queue?${query.toString()}`)).catch(() => undefined)
        },
      },
    ],
  }
  return (
    <Spotlight
      actions={text.trim() === '' ? groups : [...groups, find]}
      query={text}
      onQueryChange={setText}
      onSpotlightClose={given.close}
      shortcut={null}
      lockScroll={false}
      attributes={{ content: { 'aria-label': shell.palette.open } }}
      nothingFound={shell.palette.nothing}
      highlightQuery
      scrollable
      maxHeight={420}
      transitionProps={{ duration: 60 }}
      searchProps={{
        placeholder: shell.palette.search,
        'aria-label': shell.palette.open,
        leftSection: <IconSearch size={17} />,
      }}
    />
  )
}

function useGroups(openHelp: () => void): SpotlightActionGroupData[] {
  const { shell, keys } = useTexts()
  const { language, setLanguage } = useSettings()
  const { setColorScheme } = useMantineColorScheme()
  const isLead = useMay('lead')
  const navigate = useNavigate()
  const go = (path: string) => () => {
    Promise.resolve(navigate(path)).catch(() => undefined)
  }
  const themes = ['light', 'dark', 'auto'] as const
  return [
    {
      group: shell.palette.go,
      actions: screens
        .filter(([name]) => isLead || (name !== 'audit' && name !== 'people'))
        .map(([name, path, key]) => ({
          id: name,
          label: shell.nav[name],
          rightSection: <Caps of={key} />,
          onClick: go(path),
        })),
    },
    {
      group: shell.palette.act,
      actions: [
        {
          id: 'language',
          label: shell.switchLanguage,
          lang: language === 'zh' ? 'en' : 'zh',
          onClick: () => setLanguage(language === 'zh' ? 'en' : 'zh'),
        },
        ...themes.map((scheme) => ({
          id: scheme,
          label: shell.pair(shell.theme.label, shell.theme[scheme]),
          onClick: () => setColorScheme(scheme),
        })),
        {
          id: 'help',
          label: keys.does.help,
          rightSection: <Caps of="help" />,
          onClick: openHelp,
        },
      ],
    },
  ]
}
