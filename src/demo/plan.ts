/**
 * The demonstration: a simulated day that ends at the last midnight in Asia/Shanghai, so that it is
 * recent but never in the future. Which day it was stands in DATA/demo.json: a later start goes on
 * with the same one.
 */
import { join } from 'node:path'
import { z } from 'zod'
import { CommandError } from '../cli/exit.ts'
import { localDate } from '../core/event/time-zone.ts'
import type { Campaign } from '../core/schema.gen.ts'
import type { GenerateOptions } from '../generate/campaign-day.ts'
import { campaignsFor } from '../generate/campaigns.ts'
import { readTextIfAny, replaceFile } from '../runtime/durable-file.ts'
import { makeFolder } from '../runtime/make-folder.ts'

const demoSeed = 1
const demoEvents = 20_000
const dayMs = 86_400_000
const shanghaiOffsetMs = 8 * 3_600_000

const planSchema = z.strictObject({
  seed: z.int(),
  events: z.int().min(1).max(10_000_000),
  startAt: z.int(),
})

export interface DemoPlan {
  readonly options: GenerateOptions
  readonly campaigns: readonly Campaign[]
  /** The day, as YYYY-MM-DD. */
  readonly date: string
}

/** Reads the plan of a data directory, or makes one for a new directory. */
export async function planDemo(directory: string, now: number): Promise<DemoPlan> {
  await makeFolder(directory, 0o700)
  const path = join(directory, 'demo.json')
  const found = await readTextIfAny(path)
  const plan = found === null ? await newPlan(directory, path, now) : parsePlan(path, found)
  const day = Math.floor((plan.startAt + shanghaiOffsetMs) / dayMs)
  return {
    options: { ...plan, scenario: 'attack' },
    campaigns: campaignsFor(plan.startAt, plan.events),
    date: localDate(day),
  }
}

async function newPlan(directory: string, path: string, now: number) {
  if ((await readTextIfAny(join(directory, 'format'))) !== null) {
    throw new CommandError(
      `${directory}: holds events of its own, which a demonstration would mix with; choose another --data`,
    )
  }
  const today = Math.floor((now + shanghaiOffsetMs) / dayMs)
  const plan = {
    seed: demoSeed,
    events: demoEvents,
    startAt: (today - 1) * dayMs - shanghaiOffsetMs,
  }
  await replaceFile(directory, path, `${JSON.stringify(plan)}\n`)
  return plan
}

function parsePlan(path: string, text: string) {
  try {
    return planSchema.parse(JSON.parse(text))
  } catch {
    throw new CommandError(
      `${path}: is not a demonstration's plan; restore it, or choose another --data`,
    )
  }
}
