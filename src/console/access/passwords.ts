/**
 * Passwords: argon2id at the least that OWASP's Password Storage Cheat Sheet asks for: 19 MiB, two
 * passes, one lane (cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html).
 * One hash takes some 20 ms of a core, off the main thread; only so many are made at once, and only
 * so many wait, so that a flood of attempts takes neither cores nor memory from judging.
 */
import { randomBytes } from 'node:crypto'
import { hash, verify } from '@node-rs/argon2'
import { Refusal } from '../handlers.ts'

const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const
const atOnceMax = 2
const waitingMax = 32

export interface Passwords {
  hash(password: string): Promise<string>
  /**
   * Whether it is the password of a hash. Null where there is no such person: takes as long, and
   * is false. Both throw Refusal where too many wait.
   */
  verify(hash: string | null, password: string): Promise<boolean>
  /** Hashes made and checked so far. */
  count(): number
}

export function newPasswords(): Passwords {
  let made = 0
  let running = 0
  const waiting: (() => void)[] = []
  const nobodys = hash(randomBytes(32), cost)

  async function inPlace<T>(work: () => Promise<T>): Promise<T> {
    if (running >= atOnceMax) {
      if (waiting.length >= waitingMax)
        throw new Refusal(503, 'busy', 'too many sign in at once; try again in a moment')
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else running += 1
    try {
      made += 1
      return await work()
    } finally {
      // Handed on to the next without being free in between.
      const next = waiting.shift()
      if (next === undefined) running -= 1
      else next()
    }
  }
  return {
    hash: (password) => inPlace(() => hash(password, cost)),
    async verify(known, password) {
      const against = known ?? (await nobodys)
      const isRight = await inPlace(() => verify(against, password))
      return isRight && known !== null
    },
    count: () => made,
  }
}
