/** A penalty that a case led to: what it is, what became of it, and entering an appeal. */
import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { Penalty } from '../../api/penalty-shapes.ts'
import { useApi, useMay } from '../api/use-api.tsx'
import { letRun } from '../live/let-run.ts'
import { say } from '../parts/say.ts'
import { errorText } from '../parts/states.tsx'
import { Value } from '../parts/value.tsx'
import classes from '../penalties/penalties.module.css'
import { PenaltyTag, useStepText } from '../penalties/penalty-words.tsx'
import { useFormat, useTexts } from '../shell/settings.tsx'

const groundLongest = 2_000

interface Given {
  readonly penalty: Penalty
  /** Whether its case is decided: an open one is not opened again. */
  readonly isDecided: boolean
}

export function CarriedPenalty({ penalty, isDecided }: Given) {
  const { penalties: texts } = useTexts()
  const format = useFormat()
  const stepText = useStepText()
  const isLead = useMay('lead')
  const [isAppealing, setAppealing] = useState(false)
  return (
    <li className={classes.one}>
      <div className={classes.line}>
        <PenaltyTag state={penalty.state} />
        <strong>{stepText(penalty, penalty.imposedAt)}</strong>
        <span className={classes.soft}>
          {texts.subject[penalty.subjectKind]} <Value text={penalty.subject} longest={20} />
        </span>
      </div>
      <p className={classes.notes}>
        {[
          texts.violation[penalty.violation],
          texts.offence(penalty.offence),
          texts.card.imposedBy(penalty.imposedBy, format.moment(penalty.imposedAt)),
          ...(penalty.until === null ? [] : [texts.card.until(format.moment(penalty.until))]),
        ].join(' · ')}
      </p>
      {penalty.ground !== null && (
        <p className={classes.notes}>
          {texts.card.because} <Value text={penalty.ground} longest={300} />
        </p>
      )}
      {isLead && isDecided && penalty.state === 'imposed' && (
        <Button variant="default" onClick={() => setAppealing(true)}>
          {texts.card.appeal}
        </Button>
      )}
      {isAppealing && <Appeal penalty={penalty} close={() => setAppealing(false)} />}
    </li>
  )
}

function Appeal(given: { readonly penalty: Penalty; readonly close: () => void }) {
  const { penalty, close } = given
  const { penalties, shell } = useTexts()
  const { card: texts } = penalties
  const [ground, setGround] = useState('')
  const appeal = useAppeal(penalty, close)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (ground.trim() !== '') appeal.mutate(ground.trim())
  }
  return (
    <Modal
      opened
      onClose={close}
      title={texts.appeal}
      closeButtonProps={{ 'aria-label': shell.close }}
    >
      <form onSubmit={submit}>
        <Stack>
          <Textarea
            label={texts.ground}
            description={texts.groundHint}
            rows={4}
            maxLength={groundLongest}
            data-autofocus
            value={ground}
            onChange={(event) => setGround(event.currentTarget.value)}
          />
          {appeal.isError && (
            <Text c="red" role="alert">
              {errorText(appeal.error, shell.state)}
            </Text>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {shell.cancel}
            </Button>
            <Button type="submit" disabled={ground.trim() === ''} loading={appeal.isPending}>
              {texts.appeal}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

function useAppeal({ id, caseKey }: Penalty, close: () => void) {
  const api = useApi()
  const queries = useQueryClient()
  const { card: texts } = useTexts().penalties
  return useMutation({
    mutationFn: (ground: string) => api.call('appealPenalty', { params: { id }, body: { ground } }),
    onSuccess: () => {
      say(texts.appealed)
      for (const queryKey of [['case', caseKey], ['counts'], ['penalties']])
        letRun(queries.invalidateQueries({ queryKey }))
      close()
    },
  })
}
