/** Before many cases are decided at once: what it would do, a reason, and yes or no. */
import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { VerdictWord } from '../../api/case-shapes.ts'
import type { AnswerOf } from '../../api/operations.ts'
import { useApi, usePerson } from '../api/use-api.tsx'
import { now } from '../clock.ts'
import { letRun } from '../live/let-run.ts'
import { Failed, Loading, useErrorText } from '../parts/states.tsx'
import { useFormat, useTexts } from '../shell/settings.tsx'
import type { Format } from '../time/format.ts'
import { patchRows } from './patch-row.ts'
import classes from './queue.module.css'
import { decidedRow } from './use-verdicts.ts'
import { useWork } from './work.tsx'

interface Given {
  readonly verdict: VerdictWord
  readonly keys: readonly string[]
  readonly close: () => void
  readonly done: () => void
}

const reasonLongest = 500
/** How long a bulk verdict can be taken back, where the clocks of page and server differ. */
const undoMs = 10_000

export function BulkDialog({ verdict, keys, close, done }: Given) {
  const { queue, shell, words } = useTexts()
  const api = useApi()
  const [reason, setReason] = useState('')
  const body = { keys: [...keys], verdict, ...(reason.trim() === '' ? {} : { reason }) }
  const preview = useQuery({
    queryKey: ['bulk-preview', verdict, keys],
    queryFn: ({ signal }) =>
      api.call('previewBulk', { body: { keys: [...keys], verdict } }, signal),
    gcTime: 0,
  })
  const decide = useBulk(verdict, keys, () => {
    done()
    close()
  })
  const decidable = preview.data?.decidable ?? 0
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (decidable > 0) decide.mutate(body)
  }
  const failure = useErrorText(decide.error)
  return (
    <Modal
      opened
      onClose={close}
      size={560}
      title={queue.bulk.title(words.verdict[verdict], keys.length)}
      closeButtonProps={{ 'aria-label': shell.close }}
    >
      <form onSubmit={submit}>
        <Stack>
          {preview.isPending && <Loading lines={4} />}
          {preview.isError && (
            <Failed error={preview.error} retry={() => letRun(preview.refetch())} />
          )}
          {preview.data !== undefined && <Preview preview={preview.data} />}
          <TextInput
            label={queue.bulk.reason}
            maxLength={reasonLongest}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          {decide.isError && (
            <Text c="red" role="alert">
              {failure}
            </Text>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {shell.cancel}
            </Button>
            <Button
              type="submit"
              data-autofocus
              disabled={decidable === 0}
              loading={decide.isPending}
            >
              {queue.bulk.confirm(decidable)}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

function Preview({ preview }: { readonly preview: AnswerOf<'previewBulk'> }) {
  const { queue, shell } = useTexts()
  const { bulk } = queue
  const format = useFormat()
  const whys = (['locked', 'decided', 'own', 'unknown'] as const)
    .map((why) => [why, preview.leftOut.filter((left) => left.why === why).length] as const)
    .filter(([, left]) => left > 0)
  const facts = [
    [bulk.decidable, format.number(preview.decidable)],
    [bulk.users, format.number(preview.users)],
    [bulk.money, moneyOf(preview.amountsAtStake, format)],
  ] as const
  return (
    <>
      <dl className={classes.facts}>
        {facts.map(([label, value]) => (
          <div key={label} className={classes.fact}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {preview.decidable === 0 && <Text fw={600}>{bulk.nothing}</Text>}
      {whys.length > 0 && (
        <div>
          <Text size="sm" fw={600}>
            {bulk.leftOut}
          </Text>
          <ul className={classes.leftOut}>
            {whys.map(([why, left]) => (
              <li key={why}>{shell.pair(bulk.why[why], format.number(left))}</li>
            ))}
          </ul>
        </div>
      )}
    </>
  )
}

/** One line for each currency: sums of several mean nothing. */
function moneyOf(amounts: AnswerOf<'previewBulk'>['amountsAtStake'], format: Format) {
  if (amounts.length === 0) return '–'
  return amounts.map(({ currency, amount }) => (
    <div key={currency}>{format.money(amount, currency)}</div>
  ))
}

function useBulk(verdict: VerdictWord, keys: readonly string[], onDone: () => void) {
  const api = useApi()
  const queries = useQueryClient()
  const person = usePerson()
  const work = useWork()
  return useMutation({
    mutationFn: (body: { keys: string[]; verdict: VerdictWord; reason?: string }) =>
      api.call('decideBulk', { body }),
    onSuccess: ({ id, decided, leftOut, undoUntil }) => {
      const at = now()
      const left = new Set(leftOut.map(({ key }) => key))
      const done = keys.filter((key) => !left.has(key))
      patchRows(queries, new Set(done), (row) =>
        decidedRow(row, verdict, { name: person.name, at }),
      )
      const until = undoUntil > at && undoUntil <= at + undoMs ? undoUntil : at + undoMs
      work.setBulk({ id, verdict, decided, keys: done, until })
      letRun(queries.invalidateQueries({ queryKey: ['counts'] }))
      onDone()
    },
  })
}
