/**
 * Who may do what: every operation of the table by every role; and what the audit log says.
 *
 * proves: D6
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { roles } from '../../../src/console/api/operation.ts'
import { csrfHeader, operations } from '../../../src/console/api/operations.ts'
import { Refusal } from '../../../src/console/handlers.ts'
import { EdgeError } from '../../../src/runtime/edge-error.ts'
import { asked, bearer, caseKey, json, reasonOf, type Sent, send as sendTo } from './ask.ts'
import { csrfOf, operationNames, type Stub, startStub } from './stub-console.ts'

let stub: Stub
beforeAll(async () => {
  stub = await startStub()
})
afterAll(() => stub.close())

const signedIn = (role: string) => ({ cookie: stub.cookie(role), [csrfHeader]: csrfOf(role) })
const send = (sent: Sent, port = stub.port) => sendTo(sent, port)

describe('rights', () => {
  const matrix = operationNames.flatMap((name) =>
    (['nobody', ...roles] as const).map((role) => ({ name, role, least: operations[name].least })),
  )
  const mayNot = (role: string, least: string) =>
    least !== 'anybody' && ['nobody', ...roles].indexOf(role) < ['nobody', ...roles].indexOf(least)

  it.each(matrix)('$name by $role', async ({ name, role, least }) => {
    const expected = mayNot(role, least) ? (role === 'nobody' ? 401 : 403) : 200
    const before = stub.calls.length
    for (const headers of role === 'nobody' ? [{}] : [signedIn(role), bearer(role)]) {
      const got = await send(asked(name, headers))
      expect([got.status, got.text.slice(0, 200)]).toEqual([expected, expect.any(String)])
    }
    const times = role === 'nobody' ? 1 : 2
    expect(stub.calls.length - before).toBe(expected === 200 ? times : 0)
  })

  it.each(operationNames.filter((name) => operations[name].method !== 'GET'))(
    '%s needs the CSRF token of its session',
    async (name) => {
      if (operations[name].least === 'anybody') return
      const forged = [undefined, '', 'x', csrfOf('viewer'), [csrfOf('administrator'), 'x']]
      for (const csrf of forged) {
        const headers = csrf === undefined ? {} : { [csrfHeader]: csrf }
        const got = await send(asked(name, { cookie: stub.cookie('administrator'), ...headers }))
        expect([got.status, reasonOf(got)]).toEqual([403, 'csrf'])
      }
    },
  )

  it('a token that is none is refused, even with a session, even for anybody', async () => {
    for (const authorization of ['Bearer wrong', 'Bearer', 'Basic YTpi', 'Bearer a b', ''])
      for (const name of ['listCases', 'showSession'] as const) {
        const got = await send(asked(name, { ...signedIn('lead'), authorization }))
        expect([authorization, got.status]).toEqual([authorization, 401])
      }
  })

  it('a cookie of another port or an unsafe name is none', async () => {
    for (const cookie of ['couponguard-1=administrator', '__Host-couponguard=administrator'])
      expect((await send(asked('listCases', { cookie }))).status).toBe(401)
  })
})

describe('the audit log', () => {
  const last = () => stub.audit.at(-1)
  it.each(operationNames)('%s is written as the table says', async (name) => {
    const before = stub.audit.length
    await send(asked(name, signedIn('administrator')))
    const { audited, least } = operations[name]
    expect(stub.audit.length - before).toBe(audited && least !== 'anybody' ? 1 : 0)
    if (stub.audit.length > before)
      expect(last()).toMatchObject({
        action: name,
        person: 'a administrator',
        address: '127.0.0.1',
      })
    expect(JSON.stringify(stub.audit.slice(before))).not.toMatch(/a (?:long )?password/)
  })

  it.each<[string, Sent, string, string | null]>([
    ['a case', asked('showCase', bearer('lead')), caseKey, null],
    ['an entity', asked('showTimeline', bearer('lead')), 'user/u1', '{"kind":"user","value":"u1"}'],
    [
      'a person in a filter',
      { path: '/api/v1/cases?device=d9', headers: bearer('lead') },
      'device/d9',
      '{"device":"d9"}',
    ],
    [
      'a phone in a search',
      { path: '/api/v1/cases?search=13800138000', headers: bearer('lead') },
      'kept phone',
      '{"search":"kept phone"}',
    ],
  ])('says to whom: %s', async (_, sent, subject, detail) => {
    await send(sent)
    expect(last()).toMatchObject({ subject, detail })
  })

  it('a queue that is asked for again and again is one look-up of somebody', async () => {
    const before = stub.audit.length
    for (const user of ['u7', 'u7', 'u8', 'u7'])
      await send({ path: `/api/v1/cases?user=${user}`, headers: bearer('lead') })
    expect(stub.audit.slice(before).map(({ subject }) => subject)).toEqual(['user/u7', 'user/u8'])
  })

  it('holds a phone only as it is kept', async () => {
    const body = JSON.stringify({
      list: 'block',
      kind: 'phone',
      value: '13800138000',
      expiresAt: null,
    })
    await send({
      method: 'POST',
      path: '/api/v1/lists',
      headers: { ...json, ...bearer('lead') },
      body,
    })
    expect(last()?.subject).toBe('phone/kept phone')
    expect(JSON.stringify(last())).not.toContain('13800138000')
  })

  it('says what was refused, by role or by the handler', async () => {
    await send(asked('addPerson', signedIn('lead')))
    expect(last()).toMatchObject({
      action: 'addPerson',
      detail: 'refused: needs the role administrator',
    })
    const locked = await startStub({
      made: () => Promise.reject(new Refusal(423, 'locked', 'bo has it')),
    })
    try {
      await send(asked('decideCase', bearer('lead')), locked.port)
      expect(locked.audit.map(({ detail }) => detail)).toEqual([
        '{"verdict":"fraud"}',
        'refused: locked',
      ])
    } finally {
      await locked.close()
    }
  })

  it('nothing is done that could not be written', async () => {
    const away = await startStub({
      audit: { write: () => Promise.reject(new EdgeError('timeout', 'away', true)) },
    })
    try {
      expect((await send(asked('decideCase', bearer('lead')), away.port)).status).toBe(503)
      expect(away.calls).toEqual([])
    } finally {
      await away.close()
    }
  })
})
