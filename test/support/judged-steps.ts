/**
 * What people do, step by step, through the whole pipeline with windows in memory and the playbook
 * that comes with couponguard; and what is said of a step.
 */
import { loadJudging } from '../../src/config/judging.ts'
import { deriveKeys } from '../../src/core/event/keyed-hash.ts'
import type { Audit, Event, Outcome } from '../../src/core/schema.gen.ts'
import { type Facts, noFacts } from '../../src/facts.ts'
import type { LoggedEvent, Outputs } from '../../src/log/stream.ts'
import { newPipeline } from '../../src/pipeline.ts'
import { newMemoryStore } from '../../src/state/memory-store.ts'
import { plainEvent } from './plain-event.ts'

const minuteMs = 60_000
export const dayMs = 1_440 * minuteMs
export const hourMs = 60 * minuteMs
/** 12:00 in Shanghai, whose days the playbook counts by. */
export const noon = Date.UTC(2026, 2, 1, 4)

type TimeField = 'registeredAt' | 'lastActiveAt' | 'transferredAt' | 'portedAt' | 'codeExpiresAt'

/** An event, how long after the one before it, and what happened how long before it. */
export type Step = Partial<Event> & {
  readonly after?: number
  readonly ago?: Readonly<Partial<Record<TimeField, number>>>
}

const keys = deriveKeys(new TextEncoder().encode('key of the steps'))
export const { playbook } = loadJudging({}, keys)

export const newStepPipeline = (facts: Facts = noFacts) =>
  newPipeline({ store: newMemoryStore(), playbook, facts, keys })

/** An hour apart where nothing else is said; the first an hour after noon. */
export function loggedSteps(steps: readonly Step[]): readonly LoggedEvent[] {
  let at = noon
  return steps.map(({ after = hourMs, ago = {}, ...about }, offset): LoggedEvent => {
    at += after
    const times = Object.fromEntries(Object.entries(ago).map(([name, ms]) => [name, at - ms]))
    const event = plainEvent({ id: `e${offset}`, occurredAt: at, ...times, ...about })
    return { event, recordedAt: at, source: 'coupon.redemptions', partition: 0, offset }
  })
}

export async function judgedSteps(steps: readonly Step[], facts?: Facts): Promise<Outputs> {
  return (await newStepPipeline(facts).process(loggedSteps(steps))).outputs
}

/** The outcome, and the rules that hit. */
export const said = ({
  decision: { outcome, results },
}: Audit): readonly [Outcome, ...string[]] => [
  outcome,
  ...results.filter(({ result }) => result === 'hit').map(({ rule }) => rule),
]

export const times = <T>(count: number, ...steps: readonly T[]): T[] =>
  Array.from({ length: count }, () => steps).flat()
