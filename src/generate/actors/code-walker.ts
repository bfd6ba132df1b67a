/**
 * Code walker: printed codes come in blocks, so whoever holds one card can guess the neighbours. It
 * tries them in order, one to three apart, with an account until it has had forty attempts, then
 * with the next on the same phone. About one attempt in sixteen meets a code that exists and is
 * unspent, and spends it. Brash walkers try every few seconds; steady ones every minute through a
 * changing address; careful ones three codes an account and hour, each account on its own phone,
 * skipping about in the block.
 */
import { tailOf, usualOrder } from '../coupons.ts'
import { giftCards } from '../market.ts'
import type { Coupon } from '../published.ts'
import { redemptionEvent } from '../published.ts'
import { dayMs, hourMs, minuteMs } from '../rhythm.ts'
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
  sendAs,
} from './actor.ts'

const hitShare = 0.06
/** The block's numbers that were already sold and used are dead as well. */
const blockDays = 30

export function codeWalker(world: World, actor: Actor): void {
  const { random } = actor
  const hideout = newHideout(random)
  const careful = actor.style === 'careful'
  const perAccount = byStyle(actor, 40, 25, 4)
  const count = Math.ceil(actor.budget / perAccount)
  const accounts = newAccounts(actor, count, () => (random.chance(0.5) ? 'dormant' : 'aged'))
  const devices = newDevices(random, careful ? count : 1)
  const address = () =>
    !careful && random.chance(0.4) ? world.places.hosting(random) : world.places.line(random)
  const addresses = accounts.map(address)
  const head = world.codes.cardBlock(random)
  let tail = random.below(9_000)
  let turn = 0
  const step = (now: number) => {
    tail += careful ? random.between(3, 40) : random.chance(0.8) ? 1 : random.between(2, 3)
    const place = careful ? turn % count : Math.min(count - 1, Math.floor(turn / perAccount))
    turn += 1
    const coupon = cardCoupon(head + tailOf(tail), now)
    const setting = plainSetting(
      devices[place % devices.length]!,
      addresses[place]!,
      placeOf(hideout, random, 0.4),
    )
    const hit = random.chance(hitShare)
    const attempt = hit ? 'succeeded' : random.chance(0.92) ? 'wrong_code' : 'expired'
    const order = { ...usualOrder(coupon, random), attempt } as const
    const act = { id: world.nextId(), at: now, account: accounts[place]!, setting, coupon }
    sendAs(world, actor, redemptionEvent(act, order))
  }
  repeat(world, actor, looseGaps(actor, duration(actor, 20 * minuteMs, 3 * hourMs)), step)
}

const cardCoupon = (code: string, now: number): Coupon => ({
  offer: giftCards,
  channel: 'account-menu',
  code,
  issuedAt: now - blockDays * dayMs,
  expiresAt: now + blockDays * dayMs,
  merchant: giftCards.merchants[0]!,
  store: null,
  worth: 10_000,
  transfer: null,
  batchId: null,
  packageAmount: null,
})
