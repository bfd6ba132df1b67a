/** People, tokens of programs, saved filters and the audit log. */
import { describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { operations } from '../../../src/console/api/operations.ts'
import { type Got, reasonOf, send } from './ask.ts'
import {
  addPerson,
  dayMs,
  newBrowser,
  newestEntries,
  password,
  type Running,
  statusOf,
} from './running.ts'

const asJson = <S extends z.ZodType>(shape: S, got: Got) => shape.parse(JSON.parse(got.text))

export function peopleLaws(on: Running): void {
  describe('people', () => {
    it('names that look alike are one', async () => {
      await addPerson(on, 'Zoë', 'viewer')
      for (const alike of ['zoë', 'ZOË', 'Zoë', 'Ｚoë', 'Zoë '])
        await expect(
          on.access.people.add({ name: alike, role: 'viewer', password }, on.at),
        ).rejects.toMatchObject({ status: 409 })
      expect(await statusOf(newBrowser(on).signIn('zOË'))).toBe(200)
    })

    it('what is guessed at once is no password', async () => {
      const ada = newBrowser(on)
      await ada.signIn('ada')
      for (const weak of ['aaaaaaaaaaaa', '121212121212', 'samuel-samuel', 'Samuel123456']) {
        const got = await ada.ask('POST', 'people', {
          name: 'samuel',
          role: 'viewer',
          password: weak,
        })
        expect([weak, reasonOf(got)]).toEqual([weak, 'weak-password'])
      }
    })

    it('the last administrator stays, whoever tries, and however many at once', async () => {
      const ada = newBrowser(on)
      await ada.signIn('ada')
      for (const change of [{ role: 'lead' }, { isDisabled: true }]) {
        const got = await ada.ask('POST', 'people/ada', change)
        expect([got.status, reasonOf(got)]).toEqual([409, 'last-administrator'])
      }
      expect(await statusOf(ada.ask('GET', 'tokens'))).toBe(200)
      for (let turn = 0; turn < 10; turn += 1) {
        const two = [`adm ${turn} a`, `adm ${turn} b`]
        for (const one of two)
          await on.access.people.add({ name: one, role: 'administrator', password }, on.at)
        const out = ['ada', ...two].map((one) => on.access.people.change(one, { isDisabled: true }))
        const ended = await Promise.allSettled(out)
        expect(ended.filter(({ status }) => status === 'rejected')).toHaveLength(1)
        await on.access.people.change('ada', { isDisabled: false })
        for (const one of two)
          await on.access.people.change(one, { isDisabled: true, role: 'viewer' })
      }
    })

    it('the list tells of locks', async () => {
      await addPerson(on, 'lou', 'viewer')
      for (let turn = 0; turn < 6; turn += 1) await newBrowser(on).signIn('lou', 'wrong')
      const lou = await on.access.people.one('lou', on.at)
      expect(lou.lockedUntil).toBe(on.at + 30_000)
      await on.access.people.change('lou', { password: `${password}3` })
      expect((await on.access.people.one('lou', on.at)).lockedUntil).toBeNull()
      on.at += dayMs
    })
  })

  describe('tokens of programs', () => {
    it('are shown once, kept hashed, act by their role, and end when taken back', async () => {
      const ada = newBrowser(on)
      await ada.signIn('ada')
      const made = await ada.ask('POST', 'tokens', { name: 'export', role: 'viewer' })
      const { token, row } = asJson(operations.addToken.answer, made)
      expect(token).toMatch(/^cg_[\w-]{43}$/)
      const all = await ada.ask('GET', 'tokens')
      expect(all.text).not.toContain(token)
      expect(
        JSON.stringify(
          await on.database.query('SELECT *, encode(token_sha256, $1) AS hex FROM program_token', [
            'hex',
          ]),
        ),
      ).not.toContain(token)
      const by = (path: string) =>
        send({ path, headers: { authorization: `Bearer ${token}` } }, on.stub.port)
      expect((await by('/api/v1/alerts')).status).toBe(200)
      expect(on.stub.calls.at(-1)!.call.caller).toEqual({ name: 'token:export', role: 'viewer' })
      expect((await by('/api/v1/people')).status).toBe(403)
      expect(
        asJson(operations.listTokens.answer, await ada.ask('GET', 'tokens')).rows[0]?.lastUsedAt,
      ).toBe(on.at)
      expect(await statusOf(ada.ask('POST', 'tokens', { name: 'Export', role: 'viewer' }))).toBe(
        409,
      )
      expect(await statusOf(ada.ask('DELETE', `tokens/${row.id}`))).toBe(200)
      expect((await by('/api/v1/alerts')).status).toBe(401)
      expect(await statusOf(ada.ask('DELETE', `tokens/${row.id}`))).toBe(404)
    })
  })

  describe('saved filters', () => {
    it('are one’s own, and an empty one removes', async () => {
      const val = await addPerson(on, 'val', 'viewer')
      const wim = await addPerson(on, 'wim', 'viewer')
      const query = "state=open&user='; DROP TABLE person; --"
      await val.ask('POST', 'filters', { name: '<b>急</b>', query })
      expect(JSON.parse((await val.ask('GET', 'filters')).text)).toEqual({
        rows: [{ name: '<b>急</b>', query }],
      })
      expect(JSON.parse((await wim.ask('GET', 'filters')).text)).toEqual({ rows: [] })
      await val.ask('POST', 'filters', { name: '<b>急</b>', query: '' })
      expect(JSON.parse((await val.ask('GET', 'filters')).text)).toEqual({ rows: [] })
    })
  })

  describe('the audit log', () => {
    it('nothing in it is changed or removed', async () => {
      await on.access.audit.write({
        at: on.at,
        person: 'x',
        action: 'y',
        subject: null,
        detail: null,
        address: null,
      })
      for (const sql of [
        "UPDATE audit_log SET person = 'z'",
        'DELETE FROM audit_log',
        'TRUNCATE audit_log',
      ])
        await expect(on.database.query(sql)).rejects.toThrow(/append-only/)
      await expect(
        on.database.transaction(async (queries) => {
          await queries.query("SELECT set_config('couponguard.audit_forgets', 'yes', true)")
          await queries.query("UPDATE audit_log SET person = 'z'")
        }),
      ).rejects.toThrow(/append-only/)
    })

    it('forgets what is older than 180 days, and nothing else', async () => {
      const now = Number(
        (
          await on.database.query<{ t: number }>(
            'SELECT (extract(epoch FROM now()) * 1000)::bigint AS t',
          )
        )[0]!.t,
      )
      const entry = {
        person: 'retention',
        action: 'y',
        subject: null,
        detail: null,
        address: null,
      }
      for (const age of [179, 181, 400])
        await on.access.audit.write({ ...entry, at: now - age * dayMs })
      await on.access.audit.forget()
      const { rows } = await on.access.audit.page({ person: 'retention' })
      expect(rows.map(({ at }) => Math.round((now - at) / dayMs))).toEqual([179])
      const byHand = on.database.transaction(async (queries) => {
        await queries.query("SELECT set_config('couponguard.audit_forgets', 'yes', true)")
        await queries.query("DELETE FROM audit_log WHERE person = 'retention'")
      })
      await expect(byHand).rejects.toThrow(/append-only/)
    })

    it('tells of signing in, refused too, without what was typed', async () => {
      await newBrowser(on).signIn('ada', 'a secret that is wrong')
      await newBrowser(on).signIn('my-password-typed-here', 'x')
      await newBrowser(on).signIn('ada')
      const [right, unknown, wrong] = await newestEntries(on)
      expect([wrong, unknown, right].map((one) => [one?.person, one?.action, one?.detail])).toEqual(
        [
          ['ada', 'signIn', 'refused: wrong name or password'],
          ['', 'signIn', 'refused: wrong name or password'],
          ['ada', 'signIn', null],
        ],
      )
      expect(JSON.stringify(await newestEntries(on))).not.toMatch(/my-password|a secret/)
    })

    it('keeps hostile and long texts as texts', async () => {
      const subject = `user/'; DROP TABLE audit_log; --<script>\u202e${'👩'.repeat(500)}`
      await on.access.audit.write({
        at: on.at,
        person: 'h',
        action: 'y',
        subject,
        detail: 'a\u0000b\ud800',
        address: null,
      })
      const [row] = (await on.access.audit.page({ person: 'h' })).rows
      expect([...(row?.subject ?? '')]).toHaveLength(400)
      expect(row?.detail).toBe('a\ufffdb\ufffd')
      const { rows } = await on.access.audit.page({ subject: "user/'; DROP" })
      expect(rows.map(({ person }) => person)).toEqual(['h'])
      expect((await on.access.audit.page({ subject: 'user/_' })).rows).toEqual([])
    })

    it('is read a page at a time', async () => {
      for (let turn = 0; turn < 5; turn += 1)
        await on.access.audit.write({
          at: on.at,
          person: 'pages',
          action: `${turn}`,
          subject: null,
          detail: null,
          address: null,
        })
      const first = await on.access.audit.page({ person: 'pages', limit: 3 })
      const rest = await on.access.audit.page({
        person: 'pages',
        limit: 3,
        before: first.rows.at(-1)!.id,
      })
      expect(
        [first, rest].map(({ rows, isMore }) => [rows.map(({ action }) => action), isMore]),
      ).toEqual([
        [['4', '3', '2'], true],
        [['1', '0'], false],
      ])
    })
  })
}
