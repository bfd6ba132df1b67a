/** Rows for the tests of recordings, and commands run as main.ts runs them. */
import { createHash } from 'node:crypto'
import { Command } from 'commander'
import { vi } from 'vitest'
import { registerCompare } from '../../src/cli/compare.ts'
import { CommandError } from '../../src/cli/exit.ts'
import { registerExplain } from '../../src/cli/explain.ts'
import { registerImport } from '../../src/cli/import.ts'
import { registerReconcile } from '../../src/cli/reconcile.ts'
import { defaultPlaybookPath, loadPlaybook } from '../../src/config/playbook-file.ts'
import { decide, newDecisionRow } from '../../src/core/decision/decide.ts'
import { eventKeyOf } from '../../src/core/event/keyed-hash.ts'
import type {
  DeviceReadings,
  Event,
  Inputs,
  Readings,
  RecordingRow,
} from '../../src/core/schema.gen.ts'
import { emptyRow, type RecordingHeader } from '../../src/recording/header.ts'
import { createRecordingWriter } from '../../src/recording/write.ts'
import { plainEvent } from '../support/plain-event.ts'

export const plainHeader = { playbook: null, model: null, lists: null, keyId: '00c0ffee' }
export const playbook = loadPlaybook(defaultPlaybookPath)
export const decidedHeader = {
  ...plainHeader,
  playbook: { name: playbook.name, version: playbook.version, hash: playbook.hash },
}
export const startAt = Date.UTC(2026, 1, 1)

export const eventRow = (index: number, about: Partial<Event> = {}): RecordingRow => ({
  ...emptyRow(startAt + index, 'test', 0, index),
  event: plainEvent({ id: `e${index}`, user: `u${index}`, occurredAt: startAt + index, ...about }),
})

export const rejectedRow = (index: number): RecordingRow => ({
  ...emptyRow(startAt + index, 'test', 0, index),
  rejected: {
    reason: 'not-json',
    bytes: Buffer.from('{'),
    sha256: createHash('sha256').update('{').digest('hex'),
  },
})

const noReadings: Readings = {
  user: null,
  device: null,
  ip: null,
  subnet: null,
  code: null,
  phone: null,
  sender: null,
  returned: null,
  campaign: null,
  merchant: null,
  category: null,
  channel: null,
}

const quietDevice: DeviceReadings = {
  cutAt: null,
  claims_10s: 1,
  claims_1h: 1,
  claims_1d: 1,
  claims_7d: 1,
  redemptions_1d: 0,
  users_1h: 1,
  users_1d: 1,
  users_7d: 1,
  fresh_users_1d: 0,
  fresh_users_7d: 0,
  ips_1d: 1,
  failed_1h: 0,
  code_steps_1h: 0,
  gap_cv_1d: null,
  gap_mean_1d: null,
}

export function inputsWith(device: Partial<DeviceReadings>): Inputs {
  return {
    readings: { ...noReadings, device: { ...quietDevice, ...device } },
    lists: [],
    address: null,
    campaign: null,
    switch: 'none',
    alerts: [],
    late: false,
    repeatsSaturated: false,
  }
}

/** A row judged by the default playbook. */
export function decidedRow(
  index: number,
  device: Partial<DeviceReadings>,
  about: Partial<Event> = {},
): RecordingRow {
  const inputs = inputsWith(device)
  const row = eventRow(index, { device: 'd'.repeat(32), deviceOrigin: 'fingerprint', ...about })
  const event = row.event ?? plainEvent({})
  const eventKey = eventKeyOf(event.user, event.id, event.occurredAt)
  const named = { event, eventKey, recordedAt: row.recordedAt }
  return { ...row, inputs, decision: decide(named, inputs, playbook, newDecisionRow()) }
}

export async function writeRecording(
  path: string,
  rows: Iterable<RecordingRow>,
  header: RecordingHeader = plainHeader,
): Promise<void> {
  const writer = await createRecordingWriter(path, header)
  for (const row of rows) {
    const full = writer.write(row)
    if (full !== undefined) await full
  }
  await writer.close()
}

export interface Ran {
  readonly stdout: string
  readonly stderr: string
  readonly code: number
}

export async function run(...words: string[]): Promise<Ran> {
  const said = { stdout: '', stderr: '' }
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      said[stream] += String(text)
      return true
    }),
  )
  const program = new Command('couponguard').exitOverride()
  registerImport(program)
  registerCompare(program)
  registerExplain(program)
  registerReconcile(program)
  try {
    await program.parseAsync(words, { from: 'user' })
    return { ...said, code: 0 }
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    return { stdout: said.stdout, stderr: `${said.stderr}${error.message}\n`, code: error.code }
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
}
