/**
 * Penalties of a case: those it led to, and what the ladder proposes once it is decided as fraud. A
 * lead imposes it with one click or key, and a second one that says what it will be.
 */
import { Button, Select } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { Link } from 'react-router'
import type { CaseWhole } from '../../api/case-shapes.ts'
import type { PenaltyProposal, Violation } from '../../api/penalty-shapes.ts'
import { keys } from '../api/keys.ts'
import { useApi, useMay } from '../api/use-api.tsx'
import { now } from '../clock.ts'
import { Caps } from '../keys/caps.tsx'
import { useKeys } from '../keys/use-keys.tsx'
import { letRun } from '../live/let-run.ts'
import { say, sayFailed } from '../parts/say.ts'
import { errorText, Failed, Loading } from '../parts/states.tsx'
import { Value } from '../parts/value.tsx'
import classes from '../penalties/penalties.module.css'
import { PenaltyTag, useStepText } from '../penalties/penalty-words.tsx'
import { useFormat, useTexts } from '../shell/settings.tsx'
import { CarriedPenalty } from './carried-penalty.tsx'
import shared from './case.module.css'

/** What is most often meant where a user did it. */
const usual: Violation = 'cashing-out'
const earlierShown = 3

export function PenaltyCard({ whole }: { readonly whole: CaseWhole }) {
  const { card: texts } = useTexts().penalties
  const isReviewer = useMay('reviewer')
  const { row, penalties } = whole
  const isConfirmed = row.state === 'decided' && row.verdict === 'fraud' && isReviewer
  if (penalties.length === 0 && !isConfirmed) return null
  return (
    <section className={classes.card} aria-label={texts.title}>
      <h2 className={shared.title}>{texts.title}</h2>
      {penalties.length > 0 && (
        <ul className={classes.list}>
          {penalties.map((penalty) => (
            <CarriedPenalty
              key={penalty.id}
              penalty={penalty}
              isDecided={row.state === 'decided'}
            />
          ))}
        </ul>
      )}
      {isConfirmed && <Proposals key={row.key} caseKey={row.key} />}
    </section>
  )
}

function Proposals({ caseKey }: { readonly caseKey: string }) {
  const api = useApi()
  const [chosen, choose] = useState<Violation>(usual)
  const query = useQuery({
    queryKey: keys.proposals(caseKey),
    queryFn: ({ signal }) => api.call('proposePenalty', { params: { key: caseKey } }, signal),
  })
  if (query.isPending) return <Loading lines={2} />
  if (query.isError) return <Failed error={query.error} retry={() => letRun(query.refetch())} />
  const open = query.data.violations.filter(({ carried }) => carried === null)
  const proposal = open.find(({ violation }) => violation === chosen) ?? open[0]
  if (proposal === undefined) return null
  return (
    <Proposal
      key={`${proposal.violation} ${proposal.offence}`}
      {...{ caseKey, proposal, choose }}
      violations={open.map(({ violation }) => violation)}
    />
  )
}

function Proposal(given: {
  readonly caseKey: string
  readonly proposal: PenaltyProposal
  readonly violations: readonly Violation[]
  readonly choose: (violation: Violation) => void
}) {
  const { caseKey, proposal, violations, choose } = given
  const { penalties: texts } = useTexts()
  const stepText = useStepText()
  const isLead = useMay('lead')
  const step = stepText(proposal, now())
  const notes = [
    texts.offence(proposal.offence),
    ...(proposal.earlier.length > 0 ? [texts.card.earlier(proposal.earlier.length)] : []),
    proposal.lists ? texts.card.lists : texts.card.carriedOut,
  ]
  return (
    <>
      <div className={classes.line}>
        <Select
          w={150}
          aria-label={texts.card.violation}
          allowDeselect={false}
          value={proposal.violation}
          onChange={(chosen) => {
            const known = violations.find((one) => one === chosen)
            if (known !== undefined) choose(known)
          }}
          data={violations.map((value) => ({ value, label: texts.violation[value] }))}
        />
        <strong>{step}</strong>
        <span className={classes.soft}>
          {texts.subject[proposal.subjectKind]} <Value text={proposal.subject} longest={20} />
        </span>
      </div>
      <p className={classes.notes}>{notes.join(' · ')}</p>
      <Earlier penalties={proposal.earlier} />
      {isLead ? (
        <Impose {...{ caseKey, proposal, step }} />
      ) : (
        <p className={classes.notes}>{texts.card.forLeads}</p>
      )}
    </>
  )
}

/** The newest of the subject's penalties on other cases. */
function Earlier({ penalties }: { readonly penalties: PenaltyProposal['earlier'] }) {
  const format = useFormat()
  const stepText = useStepText()
  if (penalties.length === 0) return null
  return (
    <ul className={classes.list}>
      {penalties.slice(0, earlierShown).map((penalty) => (
        <li key={penalty.id} className={classes.one}>
          <Link to={`/case/${penalty.caseKey}`} className={classes.line}>
            <PenaltyTag state={penalty.state} />
            {stepText(penalty, penalty.imposedAt)}
            <span className={classes.soft}>{format.moment(penalty.imposedAt)}</span>
          </Link>
        </li>
      ))}
    </ul>
  )
}

function Impose(given: {
  readonly caseKey: string
  readonly proposal: PenaltyProposal
  readonly step: string
}) {
  const { card: texts } = useTexts().penalties
  const { shell } = useTexts()
  const [isAsking, ask] = useState(false)
  const impose = useImpose(given)
  useKeys({ penalty: () => ask(true) })
  if (!isAsking)
    return (
      <Button variant="default" rightSection={<Caps of="penalty" />} onClick={() => ask(true)}>
        {texts.impose}
      </Button>
    )
  return (
    // Escape belongs to the question while one is asked.
    <div
      role="group"
      aria-label={texts.impose}
      className={classes.line}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        event.preventDefault()
        ask(false)
      }}
    >
      <Confirm
        words={texts.confirm(given.step)}
        isPending={impose.isPending}
        confirm={() => impose.mutate()}
      />
      <Button variant="default" onClick={() => ask(false)}>
        {shell.cancel}
      </Button>
    </div>
  )
}

function Confirm(given: {
  readonly words: string
  readonly isPending: boolean
  readonly confirm: () => void
}) {
  const button = useRef<HTMLButtonElement>(null)
  useEffect(() => button.current?.focus(), [])
  return (
    <Button ref={button} loading={given.isPending} onClick={given.confirm}>
      {given.words}
    </Button>
  )
}

function useImpose(given: {
  readonly caseKey: string
  readonly proposal: PenaltyProposal
  readonly step: string
}) {
  const { caseKey, proposal, step } = given
  const api = useApi()
  const queries = useQueryClient()
  const { penalties: texts, shell } = useTexts()
  const { violation, offence } = proposal
  return useMutation({
    mutationFn: () =>
      api.call('imposePenalty', { params: { key: caseKey }, body: { violation, offence } }),
    onSuccess: ({ subject }) => say(texts.card.done(step, subject)),
    onError: (error) => sayFailed(shell.failedAction, errorText(error, shell.state)),
    onSettled: () => {
      for (const queryKey of [['case', caseKey], ['proposals'], ['penalties']])
        letRun(queries.invalidateQueries({ queryKey }))
    },
  })
}
