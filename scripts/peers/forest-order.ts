/**
 * What one forest of the comparison is asked to do, what it says of itself afterwards, and the
 * files between: rows one after the other in single precision, labels as bytes, scores as doubles.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

export const orderSchema = z.object({
  /** Folders with rows.f32 and labels.u8. */
  train: z.string(),
  test: z.string(),
  /** File for the scores of the test rows. */
  out: z.string(),
  trees: z.int(),
  depth: z.int(),
  leaf: z.int(),
  featuresPerNode: z.int(),
  seed: z.int(),
})
export type ForestOrder = z.infer<typeof orderSchema>

export const tookSchema = z.object({
  /** To grow it, on the clock and of the processor, in one thread. */
  seconds: z.number(),
  cpuSeconds: z.number(),
  /** Of the process, reading and scoring included. */
  peakRssBytes: z.number(),
  version: z.string(),
})
export type Took = z.infer<typeof tookSchema>

export interface Matrix {
  readonly rows: Float32Array
  readonly labels: Uint8Array
}

export const widthOf = ({ rows, labels }: Matrix): number => rows.length / labels.length

export function writeMatrix(folder: string, { rows, labels }: Matrix): void {
  mkdirSync(folder)
  writeFileSync(join(folder, 'rows.f32'), rows)
  writeFileSync(join(folder, 'labels.u8'), labels)
}

export function readMatrix(folder: string): Matrix {
  const bytes = Uint8Array.from(readFileSync(join(folder, 'rows.f32')))
  const labels = Uint8Array.from(readFileSync(join(folder, 'labels.u8')))
  return { rows: new Float32Array(bytes.buffer), labels }
}

export const readScores = (path: string): Float64Array =>
  new Float64Array(Uint8Array.from(readFileSync(path)).buffer)
