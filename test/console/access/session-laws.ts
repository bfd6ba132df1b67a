/** When a session begins, whose it is, and when it ends. */
import { describe, expect, it } from 'vitest'
import { idleMsMax, newSessions, sessionMsMax } from '../../../src/console/access/sessions.ts'
import { csrfHeader } from '../../../src/console/api/operations.ts'
import { json, reasonOf, send } from './ask.ts'
import { addPerson, newBrowser, password, type Running, statusOf } from './running.ts'

export function sessionLaws(on: Running): void {
  describe('sessions', () => {
    it('a cookie that no script reads and no other site sends', async () => {
      const got = await newBrowser(on).signIn('ada')
      expect(got.headers['set-cookie']).toEqual([
        expect.stringMatching(/^couponguard-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/),
      ])
    })

    it('the database has no token and no password', async () => {
      const ada = newBrowser(on)
      await ada.signIn('ada')
      const token = ada.cookie().split('=')[1]!
      const rows = [
        ...(await on.database.query(
          'SELECT person, encode(token_sha256, $1) AS t FROM person_session',
          ['hex'],
        )),
        ...(await on.database.query('SELECT * FROM person')),
      ]
      expect(JSON.stringify(rows)).not.toContain(token)
      expect(JSON.stringify(rows)).not.toContain(password)
      expect(JSON.stringify(rows)).toContain('$argon2id$v=19$m=19456,t=2,p=1$')
    })

    it('signing in makes a new token, and the one that was there is over', async () => {
      const ada = newBrowser(on)
      await ada.signIn('ada')
      const before = ada.cookie()
      await ada.signIn('ada')
      expect(ada.cookie()).not.toBe(before)
      const old = { path: '/api/v1/filters', headers: { cookie: before } }
      expect(await statusOf(send(old, on.stub.port))).toBe(401)
      expect(await statusOf(ada.ask('GET', 'filters'))).toBe(200)
    })

    it('a token that an attacker chose is never taken on', async () => {
      const chosen = `couponguard-${on.stub.port}=${'a'.repeat(43)}`
      const body = JSON.stringify({ name: 'ada', password })
      const headers = { ...json, cookie: chosen }
      const got = await send(
        { method: 'POST', path: '/api/v1/session', headers, body },
        on.stub.port,
      )
      expect(got.headers['set-cookie']?.[0]).not.toContain('a'.repeat(43))
      const after = await send(
        { path: '/api/v1/filters', headers: { cookie: chosen } },
        on.stub.port,
      )
      expect(after.status).toBe(401)
    })

    it('end when idle, and at the latest after a week', async () => {
      const ada = newBrowser(on)
      await ada.signIn('ada')
      on.at += idleMsMax - 1
      expect(await statusOf(ada.ask('GET', 'filters'))).toBe(200)
      on.at += idleMsMax
      expect(await statusOf(ada.ask('GET', 'filters'))).toBe(401)
      const begun = on.at
      await ada.signIn('ada')
      while (on.at + idleMsMax / 2 < begun + sessionMsMax) {
        on.at += idleMsMax / 2
        expect(await statusOf(ada.ask('GET', 'filters'))).toBe(200)
      }
      on.at = begun + sessionMsMax
      expect(await statusOf(ada.ask('GET', 'filters'))).toBe(401)
      await on.access.keepHouse(on.at)
      const [{ n } = { n: -1 }] = await on.database.query<{ n: number }>(
        'SELECT count(*) AS n FROM person_session',
      )
      expect(n).toBe(0)
    })

    it('signing out ends it on the server too', async () => {
      const ada = newBrowser(on)
      await ada.signIn('ada')
      const before = ada.cookie()
      const out = await ada.ask('POST', 'session/end', {})
      expect(out.headers['set-cookie']?.[0]).toMatch(/=; .*Expires=Thu, 01 Jan 1970/)
      const old = { path: '/api/v1/filters', headers: { cookie: before } }
      expect(await statusOf(send(old, on.stub.port))).toBe(401)
    })

    it('another session’s CSRF token is none', async () => {
      const ada = newBrowser(on)
      const other = newBrowser(on)
      await ada.signIn('ada')
      await other.signIn('ada')
      expect(other.csrf()).not.toBe(ada.csrf())
      const headers = { ...json, cookie: ada.cookie(), [csrfHeader]: other.csrf() }
      const sent = { method: 'POST', path: '/api/v1/session/end', headers, body: '{}' }
      expect(reasonOf(await send(sent, on.stub.port))).toBe('csrf')
    })

    it.each<[string, (name: string) => Promise<unknown>]>([
      ['another role', (one) => on.access.people.change(one, { role: 'lead' })],
      ['another password', (one) => on.access.people.change(one, { password: `${password}s` })],
      ['being shut out', (one) => on.access.people.change(one, { isDisabled: true })],
    ])('%s ends all of a person’s sessions', async (what, change) => {
      const one = `p ${what.replaceAll(/[^a-z]/g, '')}`
      const first = await addPerson(on, one, 'reviewer')
      const second = newBrowser(on)
      await second.signIn(one)
      await change(one)
      expect(await statusOf(first.ask('GET', 'filters'))).toBe(401)
      expect(await statusOf(second.ask('GET', 'filters'))).toBe(401)
    })

    it('your own new password ends your other sessions', async () => {
      const here = await addPerson(on, 'pat', 'reviewer')
      const there = newBrowser(on)
      await there.signIn('pat')
      const wrong = await here.ask('POST', 'password', { current: 'no', next: `${password}!` })
      expect([wrong.status, reasonOf(wrong)]).toEqual([403, 'wrong-password'])
      const body = { current: password, next: `${password}!` }
      expect(await statusOf(here.ask('POST', 'password', body))).toBe(200)
      expect(await statusOf(here.ask('GET', 'filters'))).toBe(200)
      expect(await statusOf(there.ask('GET', 'filters'))).toBe(401)
      expect(await statusOf(newBrowser(on).signIn('pat'))).toBe(401)
      expect(await statusOf(newBrowser(on).signIn('pat', `${password}!`))).toBe(200)
    })

    it('none begins with a password that was changed beside it', async () => {
      await addPerson(on, 'quinn', 'reviewer')
      const known = await on.access.people.check('quinn', password)
      await on.access.people.change('quinn', { password: `${password}2` })
      expect(known).not.toBeNull()
      expect(await newSessions(on.database).begin(known!, on.at)).toBeNull()
    })
  })
}
