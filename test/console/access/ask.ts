/** Requests as an attacker sends them, and a good one for every operation of the table. */
import { request as httpRequest } from 'node:http'
import { type Operation, refusalShape } from '../../../src/console/api/operation.ts'
import { type OperationName, operations } from '../../../src/console/api/operations.ts'

export const caseKey = '0123456789abcdef0123456789abcdef'

export interface Sent {
  readonly method?: string
  readonly path: string
  readonly headers?: Record<string, string | string[]>
  readonly body?: string | Buffer
}

export interface Got {
  readonly status: number
  readonly headers: Record<string, string | string[] | undefined>
  readonly text: string
}

/** As it is, unlike fetch: paths are not tidied and every header may be forged. */
export function send(
  { method = 'GET', path, headers = {}, body }: Sent,
  port: number,
): Promise<Got> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, method, path, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => {
        text += part
      })
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      )
    })
    request.on('error', reject)
    request.end(body)
  })
}

export const json = { 'content-type': 'application/json' }
export const bearer = (role: string) => ({ authorization: `Bearer ${role}` })
export const reasonOf = ({ text }: Got) => refusalShape.parse(JSON.parse(text)).error.reason

const pathOf = ({ path }: Operation) => path.replace(':key', caseKey).replaceAll(/:\w+/g, 'one')

export const bodies: Partial<Record<string, object>> = {
  decideCase: { verdict: 'fraud' },
  addNote: { text: 'seen' },
  previewBulk: { keys: [caseKey], verdict: 'fraud' },
  decideBulk: { keys: [caseKey], verdict: 'fraud' },
  addEntry: { list: 'block', kind: 'user', value: 'u', expiresAt: null },
  removeEntry: { id: 'one' },
  redrive: { id: 'one' },
  imposePenalty: { violation: 'cashing-out', offence: 1 },
  appealPenalty: { ground: 'the money was owed' },
  signIn: { name: 'ann', password: 'a password' },
  firstStart: { code: 'c', name: 'ann', password: 'a long password' },
  changePassword: { current: 'a', next: 'a long password' },
  addPerson: { name: 'ann', role: 'viewer', password: 'a long password' },
  addToken: { name: 'export', role: 'viewer' },
  saveFilter: { name: 'mine', query: '' },
}
const queries: Partial<Record<string, string>> = {
  showTimeline: '?kind=user&value=u1',
  showLinks: '?kind=device&value=d1',
  showShares: '?scope=all',
}
export const asked = (name: OperationName, headers: Sent['headers'] = {}): Sent => {
  const operation: Operation = operations[name]
  const path = pathOf(operation) + (queries[name] ?? '')
  if (operation.method === 'GET') return { path, headers }
  if (!('body' in operation)) return { method: operation.method, path, headers }
  const body = JSON.stringify(bodies[name] ?? {})
  return { method: operation.method, path, headers: { ...json, ...headers }, body }
}
