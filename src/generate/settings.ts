/**
 * From which device, address and place an honest person acts. Students and employees use the campus
 * or company network by day, homes their own line in the evening, everyone the carrier's NAT or the
 * phone's own IPv6 on the way, and shops' guests sometimes the shop's WiFi.
 */
import type { Store } from './market.ts'
import { near, nearCity } from './places.ts'
import type { Person } from './population.ts'
import type { Coupon, Setting } from './published.ts'
import type { Random } from './random.ts'
import { dayMs, hourMs } from './rhythm.ts'
import type { World } from './world.ts'

export interface Doing {
  readonly person: Person
  readonly coupon: Coupon
  readonly at: number
}

const oneInTen = 0.1

function addressOf(world: World, person: Person, at: number, random: Random): string {
  const hour = ((((at - world.startAt) % dayMs) + dayMs) % dayMs) / hourMs
  const daytime = hour >= 8.5 && hour < 18.5
  const draw = random.unit()
  if (person.dayIp !== null) {
    const always = person.pattern === 'vpn-user' || person.pattern === 'student'
    if (draw < (always ? 0.75 : daytime ? 0.55 : 0.05)) return person.dayIp
  } else if (draw < (daytime ? 0.3 : 0.6)) return person.homeIp
  if (person.mobileV6 !== null) return person.mobileV6
  return world.places.carrier(person.city, person.carrier, random)
}

/** The shop's own line: one address a store, the same for every guest. */
function shopAddress(store: Store): string {
  const number = Number(store.merchant.slice(2))
  return `117.${80 + store.city}.${number % 250}.${((number * 7 + store.city) % 250) + 1}`
}

/**
 * Clients without the SDK send attributes. They differ from person to person by the canvas hash, as
 * they do in a browser; a model's name alone would make thousands look like one device.
 */
function webAttributes(person: Person): Readonly<Record<string, string>> {
  return {
    userAgent: `Mozilla/5.0 (Linux; Android ${10 + (person.number % 5)}) MicroMessenger/8.0`,
    screen: person.number % 3 === 0 ? '1080x2400' : '1440x3200',
    language: 'zh-CN',
    timeZone: 'Asia/Shanghai',
    canvas: (person.device ?? person.openid).slice(0, 16),
  }
}

export function settingAt(
  world: World,
  doing: Doing,
  device: string | null,
  random: Random,
): Setting {
  const { person, coupon, at } = doing
  const store = coupon.store
  const web = person.pattern === 'web-user' && device === person.device
  const inShop = store !== null && random.chance(0.2)
  const known = random.chance(store === null ? 0.7 : 0.88)
  const place = store ?? (random.chance(0.6) ? person.home : null)
  return {
    device: web ? null : random.chance(0.0003) ? `android-${person.number}` : device,
    attributes: web ? webAttributes(person) : null,
    ip: inShop ? shopAddress(store) : addressOf(world, person, at, random),
    geo: known
      ? place === null
        ? nearCity(person.city, 6, random)
        : near(place.lat, place.lon, 0.3, random)
      : null,
  }
}

/** Claims come from the phone, now and then from the tablet that the family shares. */
export function claimSetting(world: World, doing: Doing, random: Random): Setting {
  const { person } = doing
  const shared = person.sharedDevice !== null && random.chance(2 * oneInTen)
  return settingAt(world, doing, shared ? person.sharedDevice : person.device, random)
}

/** Redemptions too, and for those who have one, from the second device one time in five. */
export function redemptionSetting(world: World, doing: Doing, random: Random): Setting {
  const { person } = doing
  const second = person.secondDevice !== null && random.chance(2 * oneInTen)
  const shared = !second && person.sharedDevice !== null && random.chance(oneInTen)
  const device = second ? person.secondDevice : shared ? person.sharedDevice : person.device
  return settingAt(world, doing, device, random)
}
