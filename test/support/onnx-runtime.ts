/**
 * onnxruntime-node in a folder of its own, from npm: no dependency of the project holds it. Where
 * it cannot be had one loud line says so, and what needs it skips itself.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const version = '1.30.0'
const msMax = 240_000

/** 290 MB; null where it cannot be had. Whoever asks removes the folder. */
export function installOnnxRuntime(): string | null {
  const folder = mkdtempSync(join(tmpdir(), 'couponguard-onnxruntime-'))
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
  // The package holds the binaries; its script would only fetch more.
  const words = ['install', '--ignore-scripts', '--no-audit', '--no-fund']
  const { status, stderr, error } = spawnSync('npm', [...words, `onnxruntime-node@${version}`], {
    cwd: folder,
    timeout: msMax,
    encoding: 'utf8',
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' },
  })
  if (status === 0) return folder
  rmSync(folder, { recursive: true, force: true })
  const why = error?.message ?? stderr.trim().split('\n').at(-1) ?? ''
  process.stdout.write(`\nSKIPPED: tests that need onnxruntime-node ${version}: npm: ${why}\n\n`)
  return null
}
