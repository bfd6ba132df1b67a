/**
 * `couponguard/testing`: a recording in a test suite of one's own, in three lines:
 *
 *     import { rejudgeRecording } from 'couponguard/testing'
 *     it('still decides as recorded', async () =>
 *       expect(await rejudgeRecording('week.avro')).toMatchObject({ differences: 0 }))
 *
 * Both functions throw one clear line where a file cannot be read whole.
 */
import { type JudgingOptions, loadJudging } from './config/judging.ts'
import { publishedTestKey } from './config/key-file.ts'
import { deriveKeys } from './core/event/keyed-hash.ts'
import { assertWhole, openRecording } from './recording/read.ts'
import { type Rejudged, type ReplayParts, rejudge, reobserve } from './recording/replay.ts'
import type { Summary } from './recording/summary.ts'

/** Judges the recorded inputs again under a playbook; `differences` is 0 where nothing changed. */
export async function rejudgeRecording(recording: string, playbook?: string): Promise<Rejudged> {
  return whole(recording, playbook === undefined ? {} : { playbook }, rejudge)
}

/** Sends the recorded events through fresh windows; with labels the result has `detection`. */
export async function replayRecording(
  recording: string,
  options: JudgingOptions = {},
): Promise<Summary> {
  return whole(recording, options, reobserve)
}

async function whole<T>(
  path: string,
  options: JudgingOptions,
  replay: (parts: ReplayParts) => Promise<T>,
): Promise<T> {
  const keys = deriveKeys(publishedTestKey)
  const recording = await openRecording(path)
  const { playbook, facts } = loadJudging(options, keys)
  const ignore = () => undefined
  const parts = { recording, playbook, facts, keys, out: null, onRows: ignore, onAlert: ignore }
  const result = await replay(parts)
  assertWhole(recording)
  return result
}
