/** What `bench --http` prints: what was asked, what it took, and whether that is met. */
import { availableParallelism } from 'node:os'
import { expect, test } from 'vitest'
import { claims, type LoadFigures, redemptions } from '../../src/bench/http-bench.ts'
import { httpTable } from '../../src/bench/http-table.ts'

const figures: LoadFigures = {
  load: redemptions,
  rate: 200,
  seconds: 30,
  events: 6_000,
  lost: 0,
  doubled: 0,
  latencyMs: { count: 6_000, p50: 4.25, p90: 7, p99: 19.26, p999: 48.1, max: 141.7 },
  senderLateMsMax: 3.14,
  errors: 0,
  firstError: null,
  connections: 12,
  isMetBy: 'every answer',
}
const slow: LoadFigures = {
  ...figures,
  load: claims,
  latencyMs: { ...figures.latencyMs, max: 1_312.4 },
  isMetBy: '99 %',
}
const failed: LoadFigures = {
  ...figures,
  lost: 2,
  errors: 3,
  firstError: '503 {"error":{"reason":"unavailable"}}',
  isMetBy: 'no',
}
const server = { cpuSecondsPerMillion: 812.4, residentBytes: 300 * 1_048_576 }

const table = `\
                           asked   within  p50 ms  p99 ms p99.9 ms  max ms  late ms  errors  CPU s/M      RSS
redemptions, one each      200/s   150 ms     4.3    19.3     48.1     142      3.1       0      812  300 MiB  met by every answer
all together                                                                                       ?        ?
  redemptions, one each    200/s   150 ms     4.3    19.3     48.1     142      3.1       3                    NOT MET
    first error: 503 {"error":{"reason":"unavailable"}}
  claims, one each          50/s   300 ms     4.3    19.3     48.1   1,312      3.1       0                    met by 99 %
within: what an answer may take, and who had theirs in that time. Latency: from when a request was
due, whenever it was sent, to the last byte of its answer; 30 s each.
late: the sender itself, at worst, which counts as latency. CPU s/M: processor seconds of the server
for a million events. RSS: its memory, with 170,000 events in its windows before.
Server and load generator share the ${availableParallelism()} cores of this machine: load average
0.4 at the start, 1.2 at the end.
`

test('a line for each load, with what the server took, and those that ran together below one', () => {
  const runs = [
    { name: 'redemptions, one each', loads: [figures], ...server },
    {
      name: 'all together',
      loads: [failed, slow],
      cpuSecondsPerMillion: Number.NaN,
      residentBytes: Number.NaN,
    },
  ]
  const loadAverage = { before: 0.4, after: 1.2 }
  expect(httpTable({ before: 170_000, seconds: 30, runs, loadAverage })).toBe(table)
})
