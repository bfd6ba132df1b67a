/** Dead letters: what could not be read and why, and sending it in again. */
import { Button } from '@mantine/core'
import { IconMailCheck, IconRefresh } from '@tabler/icons-react'
import { useState } from 'react'
import type { AnswerOf } from '../../api/operations.ts'
import { keys } from '../api/keys.ts'
import { useApi, useMay } from '../api/use-api.tsx'
import { ChoiceFilter } from '../parts/filters.tsx'
import type { Column } from '../parts/register.tsx'
import { RegisterPage } from '../parts/register-page.tsx'
import { usePages } from '../parts/use-pages.ts'
import { Value } from '../parts/value.tsx'
import { useFormat, useTexts } from '../shell/settings.tsx'
import { wordFor } from '../texts/words.ts'
import { Letter } from './letter.tsx'
import classes from './letters.module.css'
import { RedriveAll } from './redrive-all.tsx'

type Row = AnswerOf<'listDeadLetters'>['rows'][number]

export function LettersScreen() {
  const { registers, words } = useTexts()
  const texts = registers.letters
  const api = useApi()
  const [reason, setReason] = useState<string | undefined>(undefined)
  const [chosen, choose] = useState<Row | null>(null)
  const [isAsking, ask] = useState(false)
  const isLead = useMay('lead')
  const found = usePages({
    key: keys.letters(reason ?? null),
    page: (after: string | undefined, signal) =>
      api.call('listDeadLetters', { query: { limit: 100, reason, after } }, signal),
    next: ({ next }) => next,
  })
  const reasons = found.first?.reasons ?? []
  return (
    <RegisterPage
      title={texts.title}
      actions={
        <>
          {isLead && reason !== undefined && (
            <Button
              variant="default"
              leftSection={<IconRefresh size={15} />}
              onClick={() => ask(true)}
            >
              {texts.redriveAll(wordFor(words.rejection, reason))}
            </Button>
          )}
          <ReasonChoice reasons={reasons} reason={reason} setReason={setReason} />
        </>
      }
      found={found}
      columns={useColumns()}
      keyOf={({ id }) => id}
      open={choose}
      chosen={chosen?.id ?? null}
      empty={{ icon: IconMailCheck, ...texts.empty }}
      beside={
        chosen === null ? (
          <p className={classes.choose}>{texts.choose}</p>
        ) : (
          <Letter key={chosen.id} row={chosen} />
        )
      }
    >
      {isAsking && reason !== undefined && (
        <RedriveAll
          reason={reason}
          count={reasons.find(({ value }) => value === reason)?.count ?? found.rows.length}
          close={() => ask(false)}
        />
      )}
    </RegisterPage>
  )
}

function ReasonChoice(given: {
  readonly reasons: AnswerOf<'listDeadLetters'>['reasons']
  readonly reason: string | undefined
  readonly setReason: (reason: string | undefined) => void
}) {
  const { registers, words } = useTexts()
  const texts = registers.letters
  const format = useFormat()
  const counts = new Map(given.reasons.map(({ value, count }) => [value, count]))
  const all = given.reasons.reduce((sum, { count }) => sum + count, 0)
  return (
    <ChoiceFilter
      label={texts.reason}
      width={230}
      all={texts.all(format.number(all))}
      values={[...counts.keys()]}
      words={(value) =>
        `${wordFor(words.rejection, value)} (${format.number(counts.get(value) ?? 0)})`
      }
      value={given.reason}
      set={given.setReason}
    />
  )
}

function useColumns(): readonly Column<Row>[] {
  const { registers, words } = useTexts()
  const texts = registers.letters
  const format = useFormat()
  return [
    { title: texts.recorded, cell: ({ recordedAt }) => format.moment(recordedAt) },
    {
      title: texts.reason,
      cell: ({ reason }) => <Value text={wordFor(words.rejection, reason)} longest={30} />,
    },
    {
      title: texts.detail,
      isWide: true,
      cell: ({ detail }) => <Value text={detail} longest={120} />,
    },
    {
      title: texts.size,
      isNumber: true,
      cell: ({ bytesLength }) => (bytesLength === 0 ? '–' : format.bytes(bytesLength)),
    },
    {
      title: texts.redriven,
      cell: ({ redrivenAt }) => (redrivenAt === null ? '' : format.moment(redrivenAt)),
    },
  ]
}
