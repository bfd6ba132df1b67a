import { newMemoryStore } from '../src/state/memory-store.ts'
import { deriveKeys } from '../src/core/event/keyed-hash.ts'
import { decodeEvent } from '../src/core/event/decode.ts'
import { publishedFromJson } from '../src/core/event/decode-json.ts'
import { couponEventType, decodeAvroBytes } from '../src/core/event/decode-avro.ts'
import { newPipeline } from '../src/pipeline.ts'
import { noFacts } from '../src/facts.ts'
import { zoneTable } from '../src/config/zone-table.ts'
import { loadPlaybook } from '../src/config/playbook-file.ts'
import avro from 'avsc'
import { existsSync } from 'node:fs'
import { schemas } from '../src/core/schema.gen.ts'
const keys = deriveKeys(new Uint8Array(32).fill(7))
const N = 150000
let x = 12345
const rnd = (n: number) => { x = (Math.imul(x, 1103515245) + 12345) >>> 0; return Math.floor((x / 2 ** 32) * n) }
const hex = (n: number) => (n * 2654435761 >>> 0).toString(16).padStart(8, '0') + 'a1b2c3d4e5f60718' + (n ^ 0x5bd1e995 >>> 0).toString(16).padStart(8, '0')
const t0 = 1772380800000
const bufs: Buffer[] = []
for (let i = 0; i < N; i++) {
  const u = rnd(40000)
  const ev: any = publishedFromJson({ id: 'e' + i, kind: i % 3 ? 'claim' : 'redemption', occurredAt: t0 + i * 400, user: 'oUser' + u + 'abcdefghijklmnopq', campaign: 'c' + rnd(8), deviceFingerprint: hex(u).slice(0, 32), ip: i % 8 ? `36.${rnd(200)}.${rnd(255)}.${rnd(250)}` : `39.1.2.${rnd(3)}`, code: 'ABCD-' + rnd(1e9), couponType: 'voucher', merchant: 'm' + rnd(50), store: 's' + rnd(100), category: 'catering', channel: 'group-share', orderAmount: 10000, couponAmount: 2000, registeredAt: t0 - 86400000 * rnd(400), geo: { lat: 31.2, lon: 121.4 }, codeIssuedAt: t0, codeExpiresAt: t0 + 1e9, lastActiveAt: t0 - 1e8 })
  bufs.push(couponEventType.toBuffer(ev))
}
const playbook: any = existsSync('playbooks/default.yaml') ? loadPlaybook('playbooks/default.yaml') : { name: 'x', version: '1', hash: 'h', timeZone: zoneTable('Asia/Shanghai'), rules: [], score: { reviewAt: 60, blockAt: 90 }, reportAmountMin: 5e6, alerting: { abnormalShareMax: 0.05, clearShareMax: 0.04, minRedemptions: 200, minAbnormal: 20, minAbnormalUsers: 10, reviewScoreMin: 20, scopesMax: 1000, channelBands: {} } }
const store = newMemoryStore()
const pipe = newPipeline({ store, playbook, facts: noFacts, keys })
const auditType = avro.Type.forSchema(schemas.Audit)
const cost = { decode: 0, keep: 0, pipeline: 0, encode: 0 }
const cpu = () => { const c = process.cpuUsage(); return c.user + c.system }
let bytes = 0, out: any = {}
const start = cpu(), wall = performance.now()
for (let i = 0; i < N; i += 500) {
  const a = cpu()
  const pub = bufs.slice(i, i + 500).map((b) => decodeAvroBytes(b, null))
  const b = cpu()
  const ev = pub.map((p: any) => decodeEvent(p, keys)) as any[]
  const c = cpu()
  const res = await pipe.process(ev.map((event, j) => ({ event, recordedAt: event.occurredAt + 1000, source: 'x', partition: 0, offset: i + j })))
  const d = cpu()
  for (const a of res.outputs.audits) { bytes += auditType.toBuffer(a).length; out[a.decision.outcome] = (out[a.decision.outcome] ?? 0) + 1 }
  const e = cpu()
  cost.decode += b - a; cost.keep += c - b; cost.pipeline += d - c; cost.encode += e - d
}
for (const [k, v] of Object.entries(cost)) console.log(k, (v / N).toFixed(2))
console.log('total', ((cpu() - start) / N).toFixed(2), 'wall', (N / (performance.now() - wall) * 1000).toFixed(0), 'audit bytes', bytes / N, out, store.size(), process.memoryUsage().rss / 1e6)
