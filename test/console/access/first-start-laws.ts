/** The first start: nobody exists, and only the code of the terminal makes somebody. */
import { describe, expect, it } from 'vitest'
import { reasonOf } from './ask.ts'
import { newBrowser, password, type Running, statusOf } from './running.ts'

export function firstStartLaws(on: Running): void {
  describe('the first start', () => {
    it('nobody exists, and no password does', async () => {
      const session = await newBrowser(on).ask('GET', 'session')
      expect(JSON.parse(session.text)).toEqual({
        person: null,
        csrf: null,
        firstStart: true,
        timeZone: 'Asia/Shanghai',
        version: '1.2.3',
      })
      for (const one of ['admin', 'administrator', 'root'])
        expect(await statusOf(newBrowser(on).signIn(one, one))).toBe(401)
    })

    it('the code of the terminal makes the first administrator, once', async () => {
      const code = (await on.access.firstStartCode()) ?? ''
      expect(code).toMatch(/^([A-Z2-9]{5}-){3}[A-Z2-9]{5}$/)
      const first = newBrowser(on)
      const wrong = await first.ask('POST', 'first-start', { code: 'x', name: 'ada', password })
      expect([wrong.status, reasonOf(wrong)]).toEqual([403, 'wrong-code'])
      const typed = code.toLowerCase().replaceAll('-', ' ')
      const body = { code: typed, name: 'ada', password }
      const all = await Promise.all(
        ['ada', 'bob', 'cyd'].map((one) =>
          newBrowser(on).ask('POST', 'first-start', { ...body, name: one }),
        ),
      )
      expect(all.map(({ status }) => status).sort()).toEqual([200, 409, 409])
      expect(await on.access.firstStartCode()).toBeNull()
      const again = await first.ask('POST', 'first-start', { ...body, name: 'eve' })
      expect([again.status, reasonOf(again)]).toEqual([409, 'not-first'])
      const [admin] = await on.access.people.list(on.at)
      expect(admin).toMatchObject({ role: 'administrator', isDisabled: false })
      if (admin?.name !== 'ada')
        await on.access.people.add({ name: 'ada', role: 'administrator', password }, on.at)
      if (admin !== undefined && admin.name !== 'ada')
        await on.access.people.change(admin.name, { isDisabled: true })
    })
  })
}
