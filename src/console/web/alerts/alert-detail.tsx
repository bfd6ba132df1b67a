/** One alert: its day as a chart, what it stands on, why, and the reviews it started. */
import { Button } from '@mantine/core'
import { IconArrowRight, IconCheck } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from 'react-router'
import type { AnswerOf } from '../../api/operations.ts'
import type { AlertShape } from '../../api/programme-shapes.ts'
import { keys } from '../api/keys.ts'
import { useApi, useMay } from '../api/use-api.tsx'
import { ShareChart } from '../charts/share-chart.tsx'
import { Caps } from '../keys/caps.tsx'
import { useKeys } from '../keys/use-keys.tsx'
import { letRun } from '../live/let-run.ts'
import { OutcomeTag, VerdictTag } from '../parts/outcome.tsx'
import { Card, Figure } from '../parts/page.tsx'
import { sayFailed } from '../parts/say.ts'
import { errorText, Failed, Loading } from '../parts/states.tsx'
import { Value } from '../parts/value.tsx'
import { useFormat, useTexts } from '../shell/settings.tsx'
import classes from './alerts.module.css'
import { scopeText } from './scope.ts'

type Whole = AnswerOf<'showAlert'>

export function AlertDetail({ id }: { readonly id: string }) {
  const api = useApi()
  const query = useQuery({
    queryKey: keys.alert(id),
    queryFn: ({ signal }) => api.call('showAlert', { params: { id } }, signal),
  })
  if (query.isPending) return <Loading lines={12} height={22} />
  if (query.isError) return <Failed error={query.error} retry={() => letRun(query.refetch())} />
  const whole = query.data
  return (
    <div className={classes.detail}>
      <Head alert={whole.alert} />
      <Figures whole={whole} />
      <Day whole={whole} />
      <div className={classes.pair}>
        <Reasons reasons={whole.reasons} />
        <Samples samples={whole.samples} alertId={whole.alert.id} />
      </div>
    </div>
  )
}

function Head({ alert }: { readonly alert: AlertShape }) {
  const texts = useTexts()
  const format = useFormat()
  const mayAcknowledge = useMay('reviewer') && alert.acknowledgedAt === null
  const acknowledge = useAcknowledge(alert.id)
  useKeys({ take: mayAcknowledge ? () => acknowledge.mutate() : undefined })
  return (
    <header className={classes.head}>
      <h2 className={classes.scope}>
        <Value text={scopeText(texts, alert.scope)} longest={60} />
      </h2>
      <span className={classes.soft}>{format.date(alert.day)}</span>
      <span className={classes.grow} />
      <span className={classes.soft} role="status">
        {alert.acknowledgedBy === null || alert.acknowledgedAt === null
          ? texts.alerts.nobody
          : texts.alerts.acknowledgedBy(alert.acknowledgedBy, format.time(alert.acknowledgedAt))}
      </span>
      {mayAcknowledge && (
        <Button
          variant="default"
          leftSection={<IconCheck size={15} />}
          rightSection={<Caps of="take" />}
          loading={acknowledge.isPending}
          onClick={() => acknowledge.mutate()}
        >
          {texts.alerts.acknowledge}
        </Button>
      )}
      <Button
        component={Link}
        to={`/queue?alert=${encodeURIComponent(alert.id)}${alert.waiting === 0 ? '&state=any' : ''}`}
        variant={alert.waiting === 0 ? 'default' : 'filled'}
        rightSection={<IconArrowRight size={15} />}
      >
        {alert.waiting === 0
          ? texts.alerts.toCases
          : texts.alerts.toQueue(format.number(alert.waiting))}
      </Button>
    </header>
  )
}

function useAcknowledge(id: string) {
  const api = useApi()
  const queries = useQueryClient()
  const { shell } = useTexts()
  return useMutation({
    mutationFn: () => api.call('acknowledgeAlert', { params: { id }, body: {} }),
    onSuccess: (alert) => {
      queries.setQueryData<Whole>(keys.alert(id), (held) =>
        held === undefined ? held : { ...held, alert },
      )
      letRun(queries.invalidateQueries({ queryKey: keys.alerts }))
    },
    onError: (error) => sayFailed(shell.failedAction, errorText(error, shell.state)),
  })
}

function Figures({ whole }: { readonly whole: Whole }) {
  const { alerts: texts } = useTexts()
  const format = useFormat()
  const { alert, minimums } = whole
  return (
    <dl className={classes.figures}>
      <Figure
        label={texts.share}
        value={format.percent(alert.share)}
        note={texts.of(format.percent(alert.threshold))}
        isBad={alert.share > alert.threshold}
      />
      <Figure
        label={texts.redemptions}
        value={format.number(alert.redemptions)}
        note={texts.atLeast(format.number(minimums.redemptions))}
      />
      <Figure
        label={texts.abnormal}
        value={format.number(alert.abnormal)}
        note={texts.atLeast(format.number(minimums.abnormal))}
      />
      <Figure
        label={texts.users}
        value={format.number(alert.abnormalUsers)}
        note={texts.atLeast(format.number(minimums.abnormalUsers))}
      />
      <Figure
        label={texts.escalated}
        value={format.number(alert.escalated)}
        note={texts.waiting(format.number(alert.waiting))}
      />
    </dl>
  )
}

function Day({ whole }: { readonly whole: Whole }) {
  const { alerts: texts } = useTexts()
  const format = useFormat()
  const { alert, points, minimums } = whole
  const at = (label: string, when: number | null, isBad: boolean) =>
    when === null ? [] : [{ at: when, text: `${label} ${format.clock(when)}`, isBad }]
  const marks = [
    ...at(texts.raised, alert.raisedAt, true),
    ...at(texts.cleared, alert.clearedAt, false),
  ]
  return (
    <Card title={texts.chart.title}>
      {points.length === 0 ? (
        <p className={classes.soft}>{texts.chart.nothing}</p>
      ) : (
        <ShareChart
          points={points}
          threshold={alert.threshold}
          height={210}
          marks={marks}
          minimum={minimums.redemptions}
        />
      )}
    </Card>
  )
}

function Reasons({ reasons }: { readonly reasons: Whole['reasons'] }) {
  const { alerts: texts } = useTexts()
  const format = useFormat()
  const most = Math.max(1, ...reasons.map(({ count }) => count))
  return (
    <Card title={texts.reasons}>
      <ul className={classes.reasons}>
        {reasons.map(({ reason, count }) => (
          <li key={reason.code} className={classes.reason}>
            <span className={classes.reasonText}>{reason[format.language]}</span>
            <strong>{format.number(count)}</strong>
            <span className={classes.reasonBar} aria-hidden>
              <span style={{ width: `${(count / most) * 100}%` }} />
            </span>
          </li>
        ))}
      </ul>
    </Card>
  )
}

function Samples(given: { readonly samples: Whole['samples']; readonly alertId: string }) {
  const { alerts: texts } = useTexts()
  const format = useFormat()
  return (
    <Card title={texts.samples}>
      {given.samples.length === 0 && <p className={classes.soft}>{texts.noSamples}</p>}
      <ul className={classes.samples}>
        {given.samples.slice(0, 8).map((row) => (
          <li key={row.key}>
            <Link
              className={classes.sample}
              to={`/case/${row.key}?alert=${encodeURIComponent(given.alertId)}`}
            >
              <strong>{row.score}</strong>
              <OutcomeTag outcome={row.outcome} />
              <Value text={row.user} longest={22} />
              <span className={classes.grow} />
              {row.verdict !== null && <VerdictTag verdict={row.verdict} />}
              <span>
                {row.amountAtStake !== null && format.money(row.amountAtStake, row.currency)}
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </Card>
  )
}
