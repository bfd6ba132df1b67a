/** Every signal that has a value, searchable, by the entity that it counts. */
import { TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useState } from 'react'
import type { CaseWhole } from '../../api/case-shapes.ts'
import { Value } from '../parts/value.tsx'
import { useFormat, useTexts } from '../shell/settings.tsx'
import classes from './around.module.css'
import shared from './case.module.css'
import { signalText } from './rule-card.tsx'
import { groupsOf } from './signal-groups.ts'

export function Signals({ signals }: { readonly signals: CaseWhole['signals'] }) {
  const { signals: texts } = useTexts().case
  const format = useFormat()
  const [text, setText] = useState('')
  const groups = groupsOf(signals, text)
  return (
    <>
      <TextInput
        id="signal-search"
        aria-label={texts.search}
        placeholder={texts.search}
        leftSection={<IconSearch size={14} aria-hidden />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') event.currentTarget.blur()
        }}
      />
      {groups.length === 0 && <p className={shared.soft}>{texts.none}</p>}
      {groups.map(([group, held]) => (
        <section key={group} aria-label={texts.groups[group]}>
          <h3 className={classes.groupTitle}>{texts.groups[group]}</h3>
          <dl className={classes.signalList}>
            {held.map((signal) => (
              <div key={signal.signal} className={classes.signalRow}>
                <dt title={signal.signal}>
                  <code>{signal.signal}</code>
                </dt>
                <dd>
                  <Value text={signalText(signal, format)} longest={26} />
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </>
  )
}
