/** Places as cells of about 1 km: all that windows keep of where something happened. */
import type { Geo } from '../schema.gen.ts'

const cellsPerDegree = 100
const columns = 360 * cellsPerDegree
const earthRadiusKm = 6371

/** Number of the cell, from 1; 0 stands for an unknown place. */
export function cellOf(geo: Geo | null): number {
  if (geo === null) return 0
  const row = Math.min(Math.floor((geo.lat + 90) * cellsPerDegree), 180 * cellsPerDegree - 1)
  const column = Math.min(Math.floor((geo.lon + 180) * cellsPerDegree), columns - 1)
  return 1 + row * columns + column
}

/** Great-circle distance of two cells' centres, to a tenth of a kilometre (haversine). */
export function cellDistanceKm(a: number, b: number): number {
  if (a === b) return 0
  const [latA, lonA] = centre(a)
  const [latB, lonB] = centre(b)
  const sinLat = Math.sin((latB - latA) / 2)
  const sinLon = Math.sin((lonB - lonA) / 2)
  const chord = sinLat * sinLat + Math.cos(latA) * Math.cos(latB) * sinLon * sinLon
  return Math.round(20 * earthRadiusKm * Math.asin(Math.min(1, Math.sqrt(chord)))) / 10
}

/** Latitude and longitude in radians. */
function centre(cell: number): [number, number] {
  const row = Math.floor((cell - 1) / columns)
  const column = (cell - 1) % columns
  const radians = (degrees: number) => (degrees * Math.PI) / 180
  return [
    radians((row + 0.5) / cellsPerDegree - 90),
    radians((column + 0.5) / cellsPerDegree - 180),
  ]
}
