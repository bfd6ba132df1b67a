/**
 * Verdicts of reviewers in a file: an Avro object container of the records of risk.reviews, which
 * any Avro tool reads. Equal reviews give equal bytes. It grows beside its place and is renamed
 * when it is whole. Read and written whole: people write them, so there are thousands, not
 * millions.
 */
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import avro from 'avsc'
import { CommandError } from '../cli/exit.ts'
import { boundedType, writtenType } from '../core/event/bounded-type.ts'
import { type Review, schemas } from '../core/schema.gen.ts'
import { writeFully } from '../runtime/durable-file.ts'
import { encodeBlock, encodeHeader, readHeaderOf, scanBlocks } from './container.ts'
import { fileProblem } from './file-problem.ts'

const blockReviewsMax = 1_000

/** Throws CommandError; what stood there before then stays. */
export async function writeReviews(path: string, reviews: readonly Review[]): Promise<void> {
  const type = writtenType(schemas.Review)
  const { bytes, sync } = encodeHeader(schemas.Review, {})
  const parts = [bytes]
  for (let from = 0; from < reviews.length; from += blockReviewsMax) {
    const block = reviews.slice(from, from + blockReviewsMax)
    const payload = Buffer.concat(block.map((review) => type.toBuffer(review)))
    parts.push(encodeBlock(block.length, payload, sync))
  }
  const partial = `${path}.${process.pid}.partial`
  try {
    await writeWhole(partial, Buffer.concat(parts))
    await rename(partial, path)
  } catch (error) {
    await rm(partial, { force: true })
    throw fileProblem(path, error)
  }
}

async function writeWhole(path: string, bytes: Buffer): Promise<void> {
  const file = await open(path, 'w')
  try {
    await writeFully(file, bytes, 0)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** In the order of the file. Throws CommandError for one that is no such file, or is not whole. */
export async function readReviews(path: string): Promise<readonly Review[]> {
  const file = await open(path, 'r').catch((error: unknown) => {
    throw fileProblem(path, error)
  })
  try {
    return await readOpen(path, file)
  } catch (error) {
    throw fileProblem(path, error)
  } finally {
    await file.close()
  }
}

async function readOpen(path: string, file: FileHandle): Promise<readonly Review[]> {
  const header = await readHeaderOf(file)
  if ('problem' in header) throw new CommandError(`${path}: ${header.problem}`)
  const decode = decoderOf(path, header.schema)
  const reviews: Review[] = []
  for await (const scanned of scanBlocks(file, header.sync, header.length)) {
    if (scanned.kind === 'end') break
    const after = `after ${reviews.length} reviews`
    if (scanned.kind !== 'block') throw new CommandError(`${path}: ${scanned.problem}, ${after}`)
    let at = 0
    for (let row = 0; row < scanned.count; row += 1) {
      const { value, offset } = decode(scanned.payload, at)
      if (value === undefined || offset < 0) throw new CommandError(`${path}: damaged ${after}`)
      reviews.push(value)
      at = offset
    }
  }
  return reviews
}

type Decode = (payload: Buffer, at: number) => { value: Review | undefined; offset: number }

function decoderOf(path: string, schema: unknown): Decode {
  const refuse = (why: string) =>
    new CommandError(`${path}: holds no reviews (${why}); record --reviews writes them`)
  if (!isRecordSchema(schema)) throw refuse('its schema is no record')
  if (schema.name !== 'Review') throw refuse(`its records are ${schema.name.slice(0, 60)}`)
  const type = boundedType(schemas.Review)
  try {
    const resolver = type.createResolver(avro.Type.forSchema(schema))
    return (payload, at) => type.decode(payload, at, resolver)
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n')[0] : String(error)
    throw refuse(`its schema cannot be read as ours: ${why}`)
  }
}

/** avsc checks the rest while it builds the type. */
function isRecordSchema(schema: unknown): schema is avro.schema.RecordType {
  return (
    typeof schema === 'object' &&
    schema !== null &&
    'type' in schema &&
    schema.type === 'record' &&
    'name' in schema &&
    typeof schema.name === 'string'
  )
}
