/**
 * Proxy pool: one script, hundreds of accounts, each behind an address of its own, rented from data
 * centres, VPNs and hijacked home lines. The script speaks the protocol without a phone: it makes
 * its fingerprints up, by hand (`android-3fa1`) or from a small pool of stolen ones. Accounts are
 * fresh, registered within an hour of each other, or bought and long unused. Careful pools rent
 * home lines only and have a stolen fingerprint for every three accounts.
 */
import { codeText } from '../random.ts'
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

export function proxyPool(world: World, actor: Actor): void {
  const { random } = actor
  const careful = actor.style === 'careful'
  const accounts = Math.max(3, Math.round(actor.budget / byStyle(actor, 3.2, 3.6, 3)))
  const poolSize = Math.max(1, Math.round(accounts / byStyle(actor, 40, 24, 3)))
  const handmade = !careful && random.chance(0.4)
  const pool = handmade
    ? Array.from({ length: poolSize }, () => `android-${codeText(random, 4).toLowerCase()}`)
    : newDevices(random, poolSize)
  const hideouts = Array.from({ length: accounts }, () => newHideout(random))
  const addresses = hideouts.map(() => {
    const draw = careful ? 1 : random.unit()
    if (draw < 0.45) return world.places.hosting(random)
    if (draw < 0.55) return world.places.vpn(random)
    return draw < 0.57 ? world.places.tor(random) : world.places.line(random)
  })
  const durationMs = duration(actor, 40 * minuteMs, 4 * hourMs)
  const rotation = {
    accounts: newAccounts(actor, accounts, () =>
      random.chance(careful ? 0.1 : 0.5) ? 'fresh' : 'dormant',
    ),
    redeemShare: 0.38,
    holdMs: 0.2 * durationMs,
    settingOf: (place: number) =>
      plainSetting(
        pool[place % pool.length]!,
        addresses[place]!,
        placeOf(hideouts[place]!, random, 0.3),
      ),
  }
  repeat(world, actor, looseGaps(actor, durationMs), rotate(world, actor, rotation))
}
