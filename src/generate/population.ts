/**
 * The honest people. A person is made from the seed and a number when first needed, so a population
 * of any size costs nothing until it acts, and then about 400 bytes each.
 *
 * Numbers come in blocks of twelve. One block in eight is students, each alone, all behind one of
 * five campus addresses; the others are households of 1, 1, 2, 3 and 5 that share a home line, a
 * city and sometimes a tablet. Newcomers are people with numbers past the end, registered just now.
 */
import type { Geo } from '../core/schema.gen.ts'
import { cities, near, type Places, pickCity, v6Suffix } from './places.ts'
import { fingerprint, openid, type Random, weighted } from './random.ts'
import { dayMs, hourMs, minuteMs } from './rhythm.ts'

/** Patterns of honest people, in labels, so that a wrongly flagged one can be named. */
export type Pattern =
  | 'ordinary'
  | 'student'
  | 'employee'
  | 'newcomer'
  | 'collector'
  | 'vpn-user'
  | 'web-user'

/** What any account has, honest or not. */
export interface Account {
  readonly openid: string
  readonly registeredAt: number
  readonly verified: boolean
  /** When it was last active, before what comes next. */
  lastAt: number
}

export interface Person extends Account {
  readonly number: number
  readonly pattern: Pattern
  readonly city: number
  readonly home: Geo
  /** Fingerprint of the phone; null where it gives none. */
  readonly device: string | null
  readonly secondDevice: string | null
  /** A tablet or a grandparent's phone that the household shares. */
  readonly sharedDevice: string | null
  readonly carrier: number
  readonly homeIp: string
  /** /64 of the phone where its carrier gives IPv6, and the phone's half. */
  readonly mobileV6: string | null
  /** Campus, company or VPN address; null where there is none. */
  readonly dayIp: string | null
  readonly phone: string
  /** Household: first number and size. */
  readonly family: number
  readonly familySize: number
  giftDay: number
  giftsThatDay: number
}

export interface Population {
  /** People who were there at the start. */
  readonly size: number
  person(number: number): Person
  anyone(random: Random): Person
  newcomer(now: number): Person
  /** Someone of the same household; the person itself where it lives alone. */
  relative(person: Person, random: Random): Person
  /** Someone who collects whatever there is. */
  collector(place: number): Person
  readonly collectors: number
}

const blockSize = 12
/** Where each place of a block finds its household: first place and size. */
const householdOf = [
  [0, 1],
  [1, 1],
  [2, 2],
  [2, 2],
  [4, 3],
  [4, 3],
  [4, 3],
  [7, 5],
  [7, 5],
  [7, 5],
  [7, 5],
  [7, 5],
] as const
const pickCampus = weighted([30, 25, 20, 15, 10])
/** Share of people who collect 20 to 32 coupons a day, each from one device. */
const collectorShare = 0.0008

interface Household {
  readonly city: number
  readonly home: Geo
  readonly line: string
  readonly v6: string | null
  readonly tablet: string | null
}

function newHousehold(random: Random, places: Places, campus: number | null): Household {
  const city = campus === null ? pickCity(random) : campus
  const center = cities[city]!
  return {
    city,
    home: near(center.lat, center.lon, campus === null ? 8 : 0.6, random),
    line: places.line(random),
    v6: random.chance(0.3) ? places.v6Prefix(random, false) : null,
    tablet: random.chance(0.3) ? fingerprint(random) : null,
  }
}

/** Ages of accounts: a few days to six years, most of them old. */
function registration(random: Random, startAt: number): number {
  if (random.chance(0.02)) return startAt - random.between(1, 30 * 24) * hourMs
  return startAt - random.between(30, 2_200) * dayMs - random.below(dayMs)
}

/** Before the run: today to a fortnight ago, and one in a hundred away for months. */
function lastSeen(random: Random, startAt: number): number {
  if (random.chance(0.01)) return startAt - random.between(60, 400) * dayMs
  return startAt - random.between(30, 14 * 24 * 60) * minuteMs
}

const newPhone = (random: Random): string =>
  `1${random.between(3, 9)}${String(random.below(1e9)).padStart(9, '0')}`

interface Town {
  readonly root: Random
  readonly size: number
  readonly places: Places
  readonly startAt: number
}

/** `registeredAt` is null for those who were there before the run. */
function makePerson(town: Town, number: number, registeredAt: number | null): Person {
  const { root, size, places, startAt } = town
  const random = root.fork(number)
  const block = Math.floor(number / blockSize)
  const [first, familySize] = householdOf[number % blockSize]!
  const student = block % 8 === 3
  const family = student ? number : block * blockSize + first
  const campus = student ? pickCampus(random) : null
  const house = newHousehold(root.fork(family ^ 0x40000000), places, campus)
  const habit = random.unit()
  const vpn = campus === null && habit < 0.008
  const employee = campus === null && block % 8 === 5
  const web = habit > 0.97
  const usual = campus !== null ? 'student' : employee ? 'employee' : web ? 'web-user' : 'ordinary'
  const collects = number < size && number % Math.round(1 / collectorShare) === 17
  const pattern: Pattern =
    registeredAt !== null ? 'newcomer' : collects ? 'collector' : vpn ? 'vpn-user' : usual
  const born = registeredAt ?? registration(random, startAt)
  return {
    openid: openid(random),
    registeredAt: born,
    verified: random.chance(registeredAt === null ? 0.985 : 0.7),
    lastAt: registeredAt ?? Math.max(born, lastSeen(random, startAt)),
    number,
    pattern,
    city: house.city,
    home: house.home,
    device: habit > 0.5 && habit < 0.51 ? null : fingerprint(random),
    secondDevice: random.chance(0.15) ? fingerprint(random) : null,
    sharedDevice: !student && familySize > 1 ? house.tablet : null,
    carrier: random.below(3),
    homeIp: house.v6 === null ? house.line : `${house.v6}:${v6Suffix(random)}`,
    mobileV6: random.chance(0.35) ? `${places.v6Prefix(random, true)}:${v6Suffix(random)}` : null,
    dayIp: dayAddress(random, places, { campus, vpn, employee }),
    phone: newPhone(random),
    family,
    familySize: student ? 1 : familySize,
    giftDay: -1,
    giftsThatDay: 0,
  }
}

export function newPopulation(
  root: Random,
  size: number,
  places: Places,
  startAt: number,
): Population {
  const town = { root, size, places, startAt }
  const people: (Person | undefined)[] = []
  let next = size
  const person = (number: number): Person => {
    const known = people[number]
    if (known !== undefined) return known
    const made = makePerson(town, number, null)
    people[number] = made
    return made
  }
  return {
    size,
    person,
    anyone: (random) => person(random.below(next)),
    newcomer: (now) => {
      const number = next
      next += 1
      const random = root.fork(number ^ 0x20000000)
      const age = random.chance(0.7) ? random.between(1, 40) : random.between(40, 900)
      const made = makePerson(town, number, now - age * minuteMs)
      people[number] = made
      return made
    },
    relative: (of, random) => {
      const number = of.family + random.below(of.familySize)
      return number < next ? person(number) : of
    },
    collector: (place) => person(place * Math.round(1 / collectorShare) + 17),
    collectors: Math.floor((size - 18) / Math.round(1 / collectorShare)) + 1,
  }
}

/** Where a person's traffic leaves by day: campus, company or a VPN that is always on. */
function dayAddress(
  random: Random,
  places: Places,
  of: { campus: number | null; vpn: boolean; employee: boolean },
): string | null {
  if (of.campus !== null) return places.campuses[of.campus]!
  if (of.vpn) return places.vpn(random)
  if (of.employee) return random.pick(places.companies)
  return null
}
