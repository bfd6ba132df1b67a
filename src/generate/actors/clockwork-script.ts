/**
 * Clockwork script: one phone, one to three accounts, a timer. It claims and spends at a fixed
 * interval for hours, to the second when brash, within an eighth of it when steady. Nothing but the
 * regularity gives it away: accounts are old, the address is a home line, no single hour is heavy.
 * Careful ones shake the interval by half either way and pause a quarter of an hour between acts.
 */
import { hourMs } from '../rhythm.ts'
import type { World } from '../world.ts'
import {
  type Actor,
  byStyle,
  duration,
  newAccounts,
  newDevices,
  newHideout,
  placeOf,
  plainSetting,
  repeat,
} from './actor.ts'
import { rotate } from './rotation.ts'

export function clockworkScript(world: World, actor: Actor): void {
  const { random } = actor
  const hideout = newHideout(random)
  const accounts = byStyle(actor, random.between(1, 3), 2, 4)
  const device = newDevices(random, 1)[0]!
  const line = world.places.line(random)
  const durationMs = duration(actor, 2 * hourMs, 5 * hourMs)
  const intervalMs = durationMs / Math.max(1, actor.budget)
  const jitter = byStyle(actor, 0.03, 0.12, 0.5)
  const gapMs = () => intervalMs * (1 + jitter * (2 * random.unit() - 1))
  const rotation = {
    accounts: newAccounts(actor, accounts, () => 'aged'),
    redeemShare: 0.3,
    holdMs: 0.1 * durationMs,
    settingOf: () => plainSetting(device, line, placeOf(hideout, random, 0.6)),
  }
  repeat(world, actor, gapMs, rotate(world, actor, rotation))
}
