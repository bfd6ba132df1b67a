/** What the suites of penalties do again and again: confirm a case, impose, appeal, judge. */
import type { VerdictWord } from '../../src/console/api/case-shapes.ts'
import type { Violation } from '../../src/console/api/penalty-shapes.ts'
import type { Caller } from '../../src/console/handlers.ts'
import type { Audit } from '../../src/core/schema.gen.ts'
import { bob, lea, type TestConsole } from './a-console.ts'
import { aCase } from './an-audit.ts'

export const keyOf = (audit: Audit) => audit.decision.eventKey
export const mia: Caller = { name: 'mia', role: 'lead' }

/** Of a user and a merchant that all of them have in common. */
export const sharedCase = (n: number): Audit =>
  aCase(n, 'review', { event: { user: 'u1', merchant: 'm1' } })

/** The n-th case, decided as fraud by ann. */
export async function confirmed(console: TestConsole, n: number) {
  const audit = sharedCase(n)
  await console.take([audit])
  const params = { key: keyOf(audit) }
  await console.call('decideCase', { params, query: { user: 'x' }, body: { verdict: 'fraud' } })
  return params
}

export async function proposed(
  console: TestConsole,
  params: { key: string },
  violation: Violation,
) {
  const { violations } = await console.call('proposePenalty', { params })
  return violations.find((one) => one.violation === violation)
}

/** Imposes what is proposed. */
export async function impose(
  console: TestConsole,
  params: { key: string },
  violation: Violation = 'cashing-out',
) {
  const offence = (await proposed(console, params, violation))!.offence
  return console.call('imposePenalty', { params, body: { violation, offence }, as: lea })
}

export const appeal = ({ call }: TestConsole, id: string) =>
  call('appealPenalty', { params: { id }, body: { ground: ' paid by a friend ' }, as: lea })

export const judge = ({ call }: TestConsole, params: { key: string }, verdict: VerdictWord) =>
  call('decideCase', { params, query: { user: 'x' }, body: { verdict }, as: bob })

export const stateOf = async ({ call }: TestConsole, params: { key: string }, at = 0) =>
  (await call('showCase', { params })).penalties.at(at)?.state

/** A ban of u1, whose first offence was a freeze on another case. */
export async function banned(console: TestConsole) {
  await impose(console, await confirmed(console, 1))
  const params = await confirmed(console, 2)
  return { params, ban: await impose(console, params) }
}

/** Of the block list, each change: `+` with its note, or `-`. */
export const changesOf = ({ engine }: TestConsole) =>
  engine.lists.map(({ id, entry }) => (entry === null ? `- ${id}` : `+ ${id} ${entry.note}`))
export const on = ({ key }: { key: string }) => `+ block/user/u1 case ${key}`
export const off = '- block/user/u1'
