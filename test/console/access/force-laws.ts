/** Signing in by force: how often, how fast, and what it tells. */
import { describe, expect, it } from 'vitest'
import { refusalShape } from '../../../src/console/api/operation.ts'
import { addPerson, dayMs, newBrowser, newestEntries, type Running, statusOf } from './running.ts'

export function forceLaws(on: Running): void {
  describe('signing in by force', () => {
    it('a name waits longer and longer, whether or not there is such a person', async () => {
      await addPerson(on, 'vic', 'viewer')
      const waits = async (one: string) => {
        const all: string[] = []
        for (let round = 0; round < 4; round += 1) {
          let got = await newBrowser(on).signIn(one, 'wrong')
          while (got.status === 401) got = await newBrowser(on).signIn(one, 'wrong')
          all.push(`${got.status} ${String(got.headers['retry-after'])}`)
          on.at += Number(got.headers['retry-after']) * 1_000
        }
        return all
      }
      const expected = ['429 30', '429 60', '429 120', '429 240']
      expect(await waits('vic')).toEqual(expected)
      on.at += 2 * dayMs
      expect(await waits('nobody at all')).toEqual(expected)
      on.at += 2 * dayMs
    })

    it('many at once are let through no more often; while locked the right one is not', async () => {
      await addPerson(on, 'wes', 'viewer')
      const before = on.access.passwords.count()
      const all = await Promise.all(
        Array.from({ length: 40 }, () => newBrowser(on).signIn('wes', 'wrong')),
      )
      expect(on.access.passwords.count() - before).toBeLessThanOrEqual(5)
      expect(new Set(all.map(({ status }) => status))).toEqual(new Set([401, 429]))
      expect(await statusOf(newBrowser(on).signIn('wes'))).toBe(429)
      on.at += 2 * dayMs
      expect(await statusOf(newBrowser(on).signIn('wes'))).toBe(200)
    })

    it('who is refused by name does not use up the address', async () => {
      await addPerson(on, 'xin', 'viewer')
      for (let turn = 0; turn < 50; turn += 1) await newBrowser(on).signIn('xin', 'wrong')
      expect(await statusOf(newBrowser(on).signIn('ada'))).toBe(200)
      on.at += 2 * dayMs
    })

    it('ten thousand attempts cost few hashes, and others work on', async () => {
      const ada = newBrowser(on)
      await ada.signIn('ada')
      const before = on.access.passwords.count()
      const entries = (await newestEntries(on))[0]!.id
      const statuses = new Map<number, number>()
      for (let turn = 0; turn < 100; turn += 1) {
        const all = Array.from({ length: 100 }, (_, at) =>
          newBrowser(on).signIn(`user ${turn} ${at}`, 'guess'),
        )
        for (const { status } of await Promise.all(all))
          statuses.set(status, (statuses.get(status) ?? 0) + 1)
      }
      expect(on.access.passwords.count() - before).toBeLessThanOrEqual(20)
      expect([...statuses.keys()].sort()).toEqual([401, 429])
      expect(statuses.get(429)).toBeGreaterThan(9_900)
      expect((await newestEntries(on))[0]!.id - entries).toBeLessThan(40)
      expect(await statusOf(ada.ask('GET', 'filters'))).toBe(200)
      on.at += 2 * dayMs
    }, 120_000)

    it('unknown names take as long and are answered in the same words', async () => {
      const took = { known: [] as number[], unknown: [] as number[] }
      const words = new Set<string>()
      for (let turn = 0; turn < 4; turn += 1)
        for (const kind of ['known', 'unknown'] as const) {
          const begun = performance.now()
          const got = await newBrowser(on).signIn(kind === 'known' ? 'ada' : `no ${turn}`, 'wrong')
          took[kind].push(performance.now() - begun)
          words.add(JSON.stringify(refusalShape.parse(JSON.parse(got.text))))
        }
      expect(words.size).toBe(1)
      const least = (times: number[]) => Math.min(...times)
      expect(least(took.unknown)).toBeGreaterThan(least(took.known) / 3)
      expect(least(took.known)).toBeGreaterThan(least(took.unknown) / 3)
    })
  })
}
