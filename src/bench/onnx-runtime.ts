/**
 * onnxruntime-node, where it is installed: the peer that `bench --model` measures against. It is no
 * dependency: 290 MB for six platforms would weigh on everybody. Its package holds the binaries, so
 * it needs no install script; with the variable below the script downloads nothing.
 */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { onnxInput, onnxOutput } from './onnx-forest.ts'

const packageName = 'onnxruntime-node'

/** How to get it. */
export const onnxRuntimeRemedy = `ONNXRUNTIME_NODE_INSTALL=skip npm i --no-save ${packageName}`

export interface OnnxSession {
  /** Scores of rows that stand one after the other; runs in one thread, and not in this one. */
  score(rows: Float32Array, count: number): Promise<Float32Array>
}

export interface OnnxRuntime {
  readonly name: string
  readonly version: string
  open(model: Uint8Array): Promise<OnnxSession>
}

/** What is used of the package. */
interface Binding {
  readonly InferenceSession: {
    create(model: Uint8Array, options: object): Promise<BoundSession>
  }
  readonly Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => object
  readonly env: { readonly versions: Readonly<Record<string, string | undefined>> }
}
interface BoundSession {
  run(feeds: Readonly<Record<string, object>>): Promise<Readonly<Record<string, { data: unknown }>>>
}

const oneThread = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
}

/** From the first of some folders that has it, as code there would find it; else null. */
export function findOnnxRuntime(folders: readonly string[]): OnnxRuntime | null {
  for (const folder of folders) {
    const bound = bindingIn(folder)
    if (bound !== null) return runtimeOf(bound)
  }
  return null
}

function bindingIn(folder: string): Binding | null {
  const require = createRequire(join(folder, 'package.json'))
  let path: string
  try {
    path = require.resolve(packageName)
  } catch {
    return null
  }
  const bound: unknown = require(path)
  if (isBinding(bound)) return bound
  throw new Error(`${packageName} in ${folder} is not as this bench knows it`)
}

const hasAll = <K extends string>(value: unknown, ...keys: K[]): value is Record<K, unknown> =>
  typeof value === 'object' && value !== null && keys.every((key) => key in value)

const isBinding = (bound: unknown): bound is Binding =>
  hasAll(bound, 'InferenceSession', 'Tensor', 'env') &&
  typeof bound.InferenceSession === 'function' &&
  typeof bound.Tensor === 'function' &&
  hasAll(bound.env, 'versions')

function runtimeOf({ InferenceSession, Tensor, env }: Binding): OnnxRuntime {
  return {
    name: 'onnxruntime',
    version: env.versions.node ?? env.versions.common ?? 'unknown',
    async open(model) {
      const session = await InferenceSession.create(model, oneThread)
      return {
        async score(rows, count) {
          const tensor = new Tensor('float32', rows, [count, rows.length / count])
          const data = (await session.run({ [onnxInput]: tensor }))[onnxOutput]?.data
          if (data instanceof Float32Array) return data
          throw new Error('onnxruntime gave no scores')
        },
      }
    },
  }
}
