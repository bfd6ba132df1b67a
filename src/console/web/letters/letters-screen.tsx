/** Dead letters: what could not be read and why, and sending it in again. */
import { Button, Select } from '@mantine/core'
import { IconMailCheck, IconRefresh } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { AnswerOf } from '../../api/operations.ts'
import { keys } from '../api/keys.ts'
import { useApi, useMay } from '../api/use-api.tsx'
import { letRun } from '../live/let-run.ts'
import { Page } from '../parts/page.tsx'
import { type Column, Register } from '../parts/register.tsx'
import { Empty, Failed, Loading } from '../parts/states.tsx'
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
  const [reason, setReason] = useState<string | null>(null)
  const [chosen, choose] = useState<Row | null>(null)
  const [isAsking, ask] = useState(false)
  const isLead = useMay('lead')
  const query = useLetters(reason)
  const columns = useColumns()
  const rows = query.data?.pages.flatMap((page) => page.rows) ?? []
  const reasons = query.data?.pages[0]?.reasons ?? []
  return (
    <Page
      title={texts.title}
      actions={
        <>
          {isLead && reason !== null && (
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
    >
      {query.isPending && <Loading lines={12} height={18} />}
      {query.isError && <Failed error={query.error} retry={() => letRun(query.refetch())} />}
      {query.isSuccess && rows.length === 0 && (
        <Empty icon={IconMailCheck} title={texts.empty.title} text={texts.empty.text} />
      )}
      {rows.length > 0 && (
        <div className={classes.split}>
          <Register
            label={texts.title}
            columns={columns}
            rows={rows}
            keyOf={({ id }) => id}
            open={choose}
            chosen={chosen?.id ?? null}
            more={
              query.hasNextPage
                ? { load: () => letRun(query.fetchNextPage()), isLoading: query.isFetchingNextPage }
                : null
            }
          />
          {chosen === null ? (
            <p className={classes.choose}>{texts.choose}</p>
          ) : (
            <Letter key={chosen.id} row={chosen} />
          )}
        </div>
      )}
      {isAsking && reason !== null && (
        <RedriveAll
          reason={reason}
          count={reasons.find(({ value }) => value === reason)?.count ?? rows.length}
          close={() => ask(false)}
        />
      )}
    </Page>
  )
}

function useLetters(reason: string | null) {
  const api = useApi()
  return useInfiniteQuery({
    queryKey: keys.letters(reason),
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      api.call(
        'listDeadLetters',
        {
          query: {
            limit: 100,
            ...(reason === null ? {} : { reason }),
            ...(pageParam === null ? {} : { after: pageParam }),
          },
        },
        signal,
      ),
    getNextPageParam: ({ next }) => next,
    placeholderData: (before) => before,
  })
}

function ReasonChoice(given: {
  readonly reasons: AnswerOf<'listDeadLetters'>['reasons']
  readonly reason: string | null
  readonly setReason: (reason: string | null) => void
}) {
  const { registers, words } = useTexts()
  const texts = registers.letters
  const format = useFormat()
  const all = given.reasons.reduce((sum, { count }) => sum + count, 0)
  return (
    <Select
      w={230}
      aria-label={texts.reason}
      allowDeselect={false}
      value={given.reason ?? ''}
      onChange={(chosen) => given.setReason(chosen === '' ? null : chosen)}
      data={[
        { value: '', label: texts.all(format.number(all)) },
        ...given.reasons.map(({ value, count }) => ({
          value,
          label: `${wordFor(words.rejection, value)} (${format.number(count)})`,
        })),
      ]}
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
