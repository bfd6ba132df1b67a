/**
 * One-IP batch: a room full of people or an emulator host on one line. Dozens of accounts, each on
 * a device of its own, nearly all registered that day, claim within minutes from one address, which
 * is what a campus never does: there the accounts are years old. Steady batches take an hour;
 * careful ones spread a handful of accounts each over eight addresses of a /24 and over the run.
 */
import { minuteMs } from '../rhythm.ts'
import type { World } from '../world.ts'
import {
  type Actor,
  byStyle,
  duration,
  looseGaps,
  newAccounts,
  newDevices,
  newHideout,
  placeOf,
  plainSetting,
  repeat,
} from './actor.ts'
import { rotate } from './rotation.ts'

export function oneIpBatch(world: World, actor: Actor): void {
  const { random } = actor
  const hideout = newHideout(random)
  const careful = actor.style === 'careful'
  const accounts = Math.max(3, Math.round(actor.budget / byStyle(actor, 2.2, 2.6, 2)))
  const devices = newDevices(random, accounts)
  const first = world.places.line(random)
  const subnet = first.slice(0, first.lastIndexOf('.'))
  const addresses = careful
    ? Array.from({ length: 8 }, (_, place) => `${subnet}.${10 + place * 17}`)
    : [first]
  const durationMs = duration(actor, 7 * minuteMs, 55 * minuteMs)
  const rotation = {
    accounts: newAccounts(actor, accounts, () =>
      random.chance(careful ? 0.2 : 0.93) ? 'fresh' : 'aged',
    ),
    redeemShare: 0.34,
    holdMs: 0.25 * durationMs,
    settingOf: (place: number) =>
      plainSetting(
        devices[place]!,
        addresses[place % addresses.length]!,
        placeOf(hideout, random, 0.5),
      ),
  }
  repeat(world, actor, looseGaps(actor, durationMs), rotate(world, actor, rotation))
}
