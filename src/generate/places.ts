/**
 * Where people are and which addresses they come from. Twelve cities, and six kinds of address: a
 * home line (one address a household), a carrier's NAT (two addresses a carrier and city, shared by
 * thousands), a campus (one address for thousands of students), a company (one for a few hundred, a
 * few of them through a data centre), IPv6 with a /64 a household or phone, and a VPN. Honest IPv4
 * comes from blocks of Chinese access carriers that no hosting feed lists; hosting, VPN and Tor
 * addresses come from blocks that public feeds do list.
 */
import type { Geo } from '../core/schema.gen.ts'
import { hexGroup, type Random, weighted } from './random.ts'

interface City {
  readonly lat: number
  readonly lon: number
  readonly weight: number
}

export const cities: readonly City[] = [
  { lat: 39.904, lon: 116.407, weight: 14 },
  { lat: 31.23, lon: 121.474, weight: 15 },
  { lat: 23.129, lon: 113.264, weight: 12 },
  { lat: 22.543, lon: 114.058, weight: 12 },
  { lat: 30.573, lon: 104.066, weight: 9 },
  { lat: 30.274, lon: 120.155, weight: 8 },
  { lat: 30.593, lon: 114.305, weight: 7 },
  { lat: 34.341, lon: 108.94, weight: 6 },
  { lat: 32.06, lon: 118.797, weight: 6 },
  { lat: 29.563, lon: 106.551, weight: 5 },
  { lat: 36.067, lon: 120.383, weight: 4 },
  { lat: 45.803, lon: 126.535, weight: 2 },
]
export const pickCity = weighted(cities.map((city) => city.weight))

/** /16 blocks of access carriers: NAT pools, one a city and carrier. */
const carrierBlocks = [
  '36.4',
  '36.16',
  '36.28',
  '36.43',
  '39.92',
  '39.67',
  '39.76',
  '39.89',
  '58.12',
  '58.24',
  '58.39',
  '58.60',
  '101.16',
  '101.20',
  '101.80',
  '101.84',
  '106.16',
  '106.20',
  '106.33',
  '106.61',
  '111.18',
  '111.41',
  '111.72',
  '111.87',
  '112.20',
  '112.41',
  '112.60',
  '112.96',
  '113.12',
  '113.24',
  '113.66',
  '114.84',
  '114.88',
  '115.60',
  '115.84',
  '116.22',
]
/** /16 blocks of access carriers: home lines, campuses and companies. */
const lineBlocks = [
  '117.22',
  '117.44',
  '117.61',
  '117.84',
  '118.112',
  '118.120',
  '119.4',
  '119.84',
  '120.32',
  '120.69',
  '121.32',
  '121.58',
  '121.204',
  '122.4',
  '122.16',
  '122.224',
  '123.52',
  '123.64',
  '123.112',
  '124.64',
  '124.12',
  '125.33',
  '125.80',
  '182.32',
  '182.80',
  '183.0',
  '183.64',
  '183.160',
  '223.8',
  '223.64',
]
/** Blocks of data centres: where each begins, and its prefix length. */
const hostingBlocks = [
  ['8.216', 13],
  ['43.136', 13],
  ['47.80', 13],
  ['47.128', 14],
  ['47.236', 14],
  ['43.176', 14],
  ['18.176', 12],
  ['34.80', 12],
  ['3.128', 9],
  ['43.208', 13],
] as const
const vpnBlocks = [
  '5.157.192',
  '5.157.200',
  '65.111.2',
  '65.111.9',
  '159.26.96',
  '159.26.112',
  '45.3.34',
]
const torExits = ['5.255.98.151', '23.129.64.130', '5.2.67.226', '5.45.102.93', '5.79.66.19']
const v6Carriers = ['240e:4', '2408:84', '2409:89']
const v6Lines = ['240e:3', '2408:82', '2409:8a']

export interface Places {
  /** Home line of a household. */
  line(random: Random): string
  /** First half of an IPv6 address: a /64 on a line or on a carrier. */
  v6Prefix(random: Random, mobile: boolean): string
  /** One of the NAT addresses of a carrier in a city. */
  carrier(city: number, carrier: number, random: Random): string
  readonly campuses: readonly string[]
  readonly companies: readonly string[]
  hosting(random: Random): string
  vpn(random: Random): string
  tor(random: Random): string
}

const octet = (random: Random) => 1 + random.below(254)

export function newPlaces(random: Random, companies: number): Places {
  const line = (draw: Random) => `${draw.pick(lineBlocks)}.${octet(draw)}.${octet(draw)}`
  const pools = carrierBlocks.map((block) => {
    const net = `${block}.${octet(random)}`
    const first = octet(random)
    return [`${net}.${first}`, `${net}.${((first + 7) % 254) + 1}`] as const
  })
  const hosting = (draw: Random) => {
    const [block, bits] = draw.pick(hostingBlocks)
    const [first, second] = block.split('.')
    return `${first}.${Number(second) + draw.below(2 ** (16 - bits))}.${octet(draw)}.${octet(draw)}`
  }
  return {
    line,
    v6Prefix: (draw, mobile) => {
      const block = draw.pick(mobile ? v6Carriers : v6Lines)
      const region = (0x10 + draw.below(0xf0)).toString(16)
      return `${block}${region}:${hexGroup(draw)}:${hexGroup(draw)}`
    },
    carrier: (city, carrier, draw) => pools[city * 3 + carrier]![draw.below(2)]!,
    campuses: Array.from({ length: 5 }, () => line(random)),
    companies: Array.from({ length: companies }, (_, place) =>
      place % 20 === 19 ? hosting(random) : line(random),
    ),
    hosting,
    vpn: (draw) => `${draw.pick(vpnBlocks)}.${octet(draw)}`,
    tor: (draw) => draw.pick(torExits),
  }
}

/** Last half of an IPv6 address. */
export const v6Suffix = (random: Random): string =>
  `${hexGroup(random)}:${hexGroup(random)}:${hexGroup(random)}:${hexGroup(random)}`

/** A point about `km` kilometres around another, to five decimals: about a metre. */
export function near(lat: number, lon: number, km: number, random: Random): Geo {
  const degrees = km / 111
  return {
    lat: Math.round((lat + random.bell() * degrees) * 1e5) / 1e5,
    lon: Math.round((lon + random.bell() * degrees * 1.15) * 1e5) / 1e5,
  }
}

export const nearCity = (city: number, km: number, random: Random): Geo =>
  near(cities[city]!.lat, cities[city]!.lon, km, random)
