/**
 * The seed of a run that names none: from the commit, so that every commit tries other histories
 * and anyone can have the same again.
 */
import { execFileSync } from 'node:child_process'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '../..')

/** COUPONGUARD_SEED, else the first digits of the commit's hash, else 1. */
export function commitSeed(): number {
  const given = process.env.COUPONGUARD_SEED
  if (given !== undefined && /^\d{1,15}$/.test(given)) return Number(given)
  try {
    const hash = execFileSync('git', ['rev-parse', 'HEAD'], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    return Number.parseInt(hash.slice(0, 7), 16)
  } catch {
    return 1
  }
}
