/**
 * Device farm: a rack of phones. Each phone logs into one account after another, a script per
 * campaign, so every account of the rack claims once before any claims again. Most accounts were
 * registered in one go that morning, the others bought. The rack stands in one room behind one line
 * and two SIM routers. Brash racks run 26 accounts a phone, steady ones 20, careful ones 3.
 */
import { hourMs, minuteMs } from '../rhythm.ts'
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

export function deviceFarm(world: World, actor: Actor): void {
  const { random } = actor
  const hideout = newHideout(random)
  const accounts = Math.max(3, Math.round(actor.budget / byStyle(actor, 4.5, 6, 3)))
  const devices = newDevices(random, Math.round(accounts / byStyle(actor, 26, 20, 3)))
  const careful = actor.style === 'careful'
  const line = world.places.line(random)
  const router = () => world.places.carrier(hideout.city, 1, random)
  const ownLines = devices.map(() => world.places.line(random))
  const durationMs = duration(actor, 50 * minuteMs, 4 * hourMs)
  const rotation = {
    accounts: newAccounts(actor, accounts, () =>
      random.chance(careful ? 0.05 : 0.6) ? 'fresh' : 'aged',
    ),
    redeemShare: 0.45,
    holdMs: 0.15 * durationMs,
    settingOf: (place: number) => {
      const device = place % devices.length
      const ip = careful ? ownLines[device]! : random.chance(0.6) ? line : router()
      return plainSetting(devices[device]!, ip, placeOf(hideout, random, 0.5))
    },
  }
  repeat(world, actor, looseGaps(actor, durationMs), rotate(world, actor, rotation))
}
