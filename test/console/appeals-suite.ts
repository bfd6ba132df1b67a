/** What becomes of penalties: appeals, verdicts taken back, and the block list after them. */
import { describe, expect, test } from 'vitest'
import { beginAnew } from '../../src/console/projection/begin-anew.ts'
import { ann, bob, lea, newConsole, type OpenStore } from './a-console.ts'
import {
  appeal,
  banned,
  changesOf,
  confirmed,
  impose,
  judge,
  keyOf,
  off,
  on,
  proposed,
  sharedCase,
  stateOf,
} from './a-penalty.ts'

export function appealsSuite(open: OpenStore): void {
  describe('an appeal', () => {
    appealTests(open)
    rebuildTests(open)
  })
  describe('a penalty without an appeal', () => fallTests(open))
  describe('the block list', () => listTests(open))
}

function appealTests(open: OpenStore): void {
  test('opens the case again, for somebody who neither decided nor imposed', async () => {
    const console = await newConsole(await open())
    const params = await confirmed(console, 1)
    const { id } = await impose(console, params)
    expect(await appeal(console, id)).toMatchObject({
      state: 'appealed',
      ground: 'paid by a friend',
      appealedBy: 'lea',
    })
    const { row } = await console.call('showCase', { params })
    expect(row).toMatchObject({ state: 'open', verdict: null, secondOpinion: true })
    const body = { verdict: 'fraud' } as const
    const own = console.call('decideCase', { params, body, as: ann })
    await expect(own).rejects.toMatchObject({ reason: 'own' })
    // Nor for who imposed it.
    const imposer = console.call('decideCase', { params, body, as: lea })
    await expect(imposer).rejects.toMatchObject({ reason: 'own' })
    const other = sharedCase(2)
    await console.take([other])
    const next = { params: { key: keyOf(other) }, query: {}, body, as: lea }
    expect((await console.call('decideCase', next)).next).toBeNull()
    await expect(appeal(console, id)).rejects.toMatchObject({ reason: 'not-decided' })
    await judge(console, params, 'fraud')
    await expect(appeal(console, id)).rejects.toMatchObject({ reason: 'not-appealable' })
    for (const none of ['0', '99', 'x', `${id}.5`])
      await expect(appeal(console, none)).rejects.toMatchObject({ status: 404 })
  })

  const ways = [
    ['legitimate', 'overturned', ['block', 'appeal allow'], 1],
    ['fraud', 'upheld', ['block'], 2],
    ['inconclusive', 'upheld', ['block'], 2],
  ] as const
  test.each(ways)('is settled by the verdict: %s', async (verdict, state, words, offence) => {
    const console = await newConsole(await open())
    const params = await confirmed(console, 1)
    const { id } = await impose(console, params)
    await appeal(console, id)
    expect(await proposed(console, await confirmed(console, 2), 'cashing-out')).toMatchObject({
      offence: 2,
    })
    await judge(console, params, verdict)
    const { penalties } = await console.call('showCase', { params })
    expect(penalties).toMatchObject([{ state, endedBy: 'bob', endedAt: console.time.now }])
    await console.publish()
    const said = console.engine.decisions.filter(({ eventKey }) => eventKey === params.key)
    expect(
      said.map(({ cause, outcome }) => (cause === 'review' ? outcome : `${cause} ${outcome}`)),
    ).toEqual(words)
    // What was overturned does not count.
    expect(await proposed(console, await confirmed(console, 3), 'cashing-out')).toMatchObject({
      offence,
    })
  })

  test.each(['legitimate', 'fraud'] as const)(
    'waits again where its verdict is taken back: %s',
    async (verdict) => {
      const console = await newConsole(await open())
      const params = await confirmed(console, 1)
      await appeal(console, (await impose(console, params)).id)
      await judge(console, params, verdict)
      await console.publish()
      await console.call('undoVerdict', { params, as: bob })
      const { penalties } = await console.call('showCase', { params })
      expect(penalties).toMatchObject([{ state: 'appealed', endedBy: null, endedAt: null }])
      await console.publish()
      if (verdict === 'legitimate')
        expect(console.engine.decisions.at(-1)).toMatchObject({ outcome: 'block', cause: 'appeal' })
      await judge(console, params, 'legitimate')
      expect(await stateOf(console, params)).toBe('overturned')
    },
  )

  test('is settled by a verdict on many cases as well', async () => {
    const console = await newConsole(await open())
    const [params, other] = [await confirmed(console, 1), await confirmed(console, 2)]
    await appeal(console, (await impose(console, params)).id)
    await appeal(console, (await impose(console, other)).id)
    const keys = [params.key, other.key]
    const bulk = await console.call('decideBulk', {
      body: { keys, verdict: 'legitimate' },
      as: bob,
    })
    expect(await stateOf(console, params)).toBe('overturned')
    expect(await stateOf(console, other)).toBe('overturned')
    await console.call('undoBulk', { params: { id: bulk.id }, as: bob })
    expect(await stateOf(console, params)).toBe('appealed')
    expect(await stateOf(console, other)).toBe('appealed')
  })
}

function rebuildTests(open: OpenStore): void {
  test('waits still when the data was filled anew from the topics, and can be settled', async () => {
    const console = await newConsole(await open())
    const { params, ban } = await banned(console)
    await console.publish()
    await appeal(console, ban.id)
    const report = async () => console.call('listPenalties', { query: {} })
    const before = await report()
    await beginAnew(console.store)
    const { projection, engine } = console
    const of = { partition: 0, next: 9 }
    await projection.take({ ...of, topic: 'risk.reviews', records: engine.reviews })
    await projection.take({ ...of, topic: 'risk.audit', records: [1, 2].map(sharedCase) })
    await projection.take({ ...of, topic: 'risk.lists', records: engine.lists })
    expect(await report()).toEqual(before)
    await judge(console, params, 'legitimate')
    await console.publish()
    expect(await stateOf(console, params)).toBe('overturned')
    expect(changesOf(console)).toEqual([on(params), off])
  })
}

function fallTests(open: OpenStore): void {
  test('falls with the verdict that it rests on', async () => {
    const console = await newConsole(await open())
    const params = await confirmed(console, 1)
    await impose(console, params)
    await console.call('undoVerdict', { params, as: ann })
    expect(await stateOf(console, params)).toBe('withdrawn')
    await console.call('decideCase', { params, body: { verdict: 'fraud' } })
    expect(await stateOf(console, params)).toBe('withdrawn')
    expect(await impose(console, params)).toMatchObject({ offence: 1 })
  })

  const opinions = [
    ['legitimate', 'withdrawn'],
    ['fraud', 'imposed'],
    ['inconclusive', 'imposed'],
  ] as const
  test.each(opinions)('and a second opinion: %s', async (verdict, state) => {
    const console = await newConsole(await open())
    const params = await confirmed(console, 1)
    await impose(console, params)
    await console.call('askSecondOpinion', { params, body: {}, as: lea })
    expect(await stateOf(console, params)).toBe('imposed')
    await judge(console, params, verdict)
    expect(await stateOf(console, params)).toBe(state)
    await console.call('undoVerdict', { params, as: bob })
    expect(await stateOf(console, params)).toBe('imposed')
  })
}

function listTests(open: OpenStore): void {
  test('gets an entry with a ban of a user, and with nothing else', async () => {
    const console = await newConsole(await open())
    const first = await confirmed(console, 1)
    for (const violation of ['cashing-out', 'false-advertising', 'api-hijack'] as const)
      expect(await impose(console, first, violation)).toMatchObject({ isListed: false })
    const params = await confirmed(console, 2)
    expect(await impose(console, params)).toMatchObject({ step: 'ban', isListed: true })
    for (const violation of ['false-advertising', 'api-hijack'] as const)
      await impose(console, params, violation)
    await console.publish()
    expect(console.engine.lists).toMatchObject([
      {
        id: 'block/user/u1',
        entry: {
          ...{ list: 'block', kind: 'user', value: 'u1', source: 'penalty' },
          ...{ note: `case ${params.key}`, addedAt: console.time.now, expiresAt: null },
        },
      },
    ])
    const { rows } = await console.call('listEntries', { query: {} })
    expect(rows).toMatchObject([{ value: 'u1', source: 'penalty', addedBy: 'lea' }])
  })

  test('keeps it while the appeal waits, loses it when that succeeds, has it back', async () => {
    const console = await newConsole(await open())
    const { params, ban } = await banned(console)
    await console.publish()
    await appeal(console, ban.id)
    await console.publish()
    expect(changesOf(console)).toEqual([on(params)])
    await judge(console, params, 'legitimate')
    await console.publish()
    expect(changesOf(console)).toEqual([on(params), off])
    await console.call('undoVerdict', { params, as: bob })
    await console.publish()
    expect(changesOf(console)).toEqual([on(params), off, on(params)])
    await judge(console, params, 'fraud')
    await console.publish()
    expect(changesOf(console)).toHaveLength(3)
  })

  test('loses it with the verdict that the ban rests on', async () => {
    const console = await newConsole(await open())
    const { params } = await banned(console)
    await console.publish()
    await console.call('undoVerdict', { params, as: ann })
    await console.publish()
    expect(changesOf(console)).toEqual([on(params), off])
  })

  test('is told nothing of what was taken back before it was published', async () => {
    const console = await newConsole(await open())
    const { params } = await banned(console)
    await console.call('undoVerdict', { params, as: ann })
    await console.publish()
    expect(changesOf(console)).toEqual([])
    await console.call('decideCase', { params, body: { verdict: 'fraud' } })
    const ban = await impose(console, params)
    await console.publish()
    await appeal(console, ban.id)
    const keys = [params.key]
    const body = { keys, verdict: 'legitimate' as const }
    const { id } = await console.call('decideBulk', { body, as: bob })
    await console.call('undoBulk', { params: { id }, as: bob })
    console.time.now += 60_000
    await console.publish()
    expect(changesOf(console)).toEqual([on(params)])
    expect(await stateOf(console, params, -1)).toBe('appealed')
  })

  test('keeps the ban that another case led to', async () => {
    const console = await newConsole(await open())
    const { params } = await banned(console)
    const third = await confirmed(console, 3)
    const ban = await impose(console, third)
    await console.publish()
    await appeal(console, ban.id)
    await judge(console, third, 'legitimate')
    await console.publish()
    expect(changesOf(console)).toEqual([on(params), on(third), on(params)])
  })

  test('keeps what somebody put there since', async () => {
    const console = await newConsole(await open())
    const { params, ban } = await banned(console)
    await console.publish()
    const body = { list: 'block', kind: 'user', value: 'u1', expiresAt: null } as const
    await console.call('addEntry', { body: { ...body, note: 'by hand' } })
    await console.publish()
    await appeal(console, ban.id)
    await judge(console, params, 'legitimate')
    await console.publish()
    expect(changesOf(console)).toEqual([on(params), '+ block/user/u1 by hand'])
  })
}
