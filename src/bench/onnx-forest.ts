/**
 * A random forest as an ONNX model: one TreeEnsembleRegressor of ai.onnx.ml whose output is the
 * mean of the leaves, written as the protobuf that onnxruntime loads. ONNX compares in single
 * precision: a threshold becomes the largest such number below it and `<` becomes `<=`, so that
 * every row of single precision takes the same way down as here.
 */
import type { Forest } from '../core/model/forest.ts'

export const onnxInput = 'rows'
export const onnxOutput = 'scores'

/** Versions of the format that the operator and its attributes need. */
const irVersion = 8
const opsets = [
  ['', 15],
  ['ai.onnx.ml', 3],
] as const
const floatType = 1

/** MUST be a random forest: the mean of its leaves. */
export function onnxForest(forest: Forest): Uint8Array {
  const graph = [
    message(1, treeNode(forest)),
    text(2, 'forest'),
    message(11, matrixOf(onnxInput, forest.featureCount)),
    message(12, matrixOf(onnxOutput, 1)),
  ]
  return Buffer.concat([
    integer(1, irVersion),
    text(2, 'couponguard'),
    message(7, graph),
    ...opsets.map(([domain, version]) => message(8, [text(1, domain), integer(2, version)])),
  ])
}

/** A matrix of single precision with any number of rows. */
const matrixOf = (name: string, columns: number): readonly Buffer[] => [
  text(1, name),
  message(2, [
    message(1, [
      integer(1, floatType),
      message(2, [message(1, [text(2, 'N')]), message(1, [integer(1, columns)])]),
    ]),
  ]),
]

function treeNode(forest: Forest): readonly Buffer[] {
  const { feature, threshold, left, missingLeft, value } = forest
  const ids = placesInTrees(forest)
  const splits = Array.from(feature, (by) => by >= 0)
  const leaves = Array.from(feature.keys()).filter((at) => !splits[at])
  const where = (at: number, to: number) => (splits[at] ? ids.node[to]! : 0)
  return [
    text(1, onnxInput),
    text(2, onnxOutput),
    text(4, 'TreeEnsembleRegressor'),
    text(7, 'ai.onnx.ml'),
    textAttribute('aggregate_function', 'AVERAGE'),
    textAttribute('post_transform', 'NONE'),
    attribute('n_targets', [integer(3, 1), integer(20, 2)]),
    integers('nodes_treeids', ids.tree),
    integers('nodes_nodeids', ids.node),
    integers(
      'nodes_featureids',
      Array.from(feature, (by) => Math.max(by, 0)),
    ),
    texts(
      'nodes_modes',
      splits.map((isSplit) => (isSplit ? 'BRANCH_LEQ' : 'LEAF')),
    ),
    floats(
      'nodes_values',
      Array.from(threshold, (one, at) => (splits[at] ? floatBelow(one) : 0)),
    ),
    integers(
      'nodes_truenodeids',
      Array.from(left, (to, at) => where(at, to)),
    ),
    integers(
      'nodes_falsenodeids',
      Array.from(left, (to, at) => where(at, to + 1)),
    ),
    integers('nodes_missing_value_tracks_true', [...missingLeft]),
    integers(
      'target_treeids',
      leaves.map((at) => ids.tree[at]!),
    ),
    integers(
      'target_nodeids',
      leaves.map((at) => ids.node[at]!),
    ),
    integers(
      'target_ids',
      leaves.map(() => 0),
    ),
    floats(
      'target_weights',
      leaves.map((at) => value[at]!),
    ),
  ]
}

/** Per node: its tree, and its number in it. */
function placesInTrees({ roots, feature }: Forest) {
  const tree: number[] = []
  const node: number[] = []
  for (const [index, root] of roots.entries())
    for (let at = root; at < (roots[index + 1] ?? feature.length); at += 1) {
      tree.push(index)
      node.push(at - root)
    }
  return { tree, node }
}

/** The largest number of single precision that is below `x`. */
export function floatBelow(x: number): number {
  const near = Math.fround(x)
  if (near < x) return near
  const bits = new DataView(new ArrayBuffer(4))
  bits.setFloat32(0, near)
  if (near === 0) bits.setInt32(0, 0x8000_0001 | 0)
  else bits.setInt32(0, bits.getInt32(0) + (near > 0 ? -1 : 1))
  return bits.getFloat32(0)
}

// Protobuf, as much of it as is written here. A field is its number and wire type, then its value.

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80)
  return Buffer.from([...bytes, rest])
}

const integer = (field: number, value: number) => Buffer.concat([varint(field << 3), varint(value)])

const bytes = (field: number, value: Buffer) =>
  Buffer.concat([varint((field << 3) | 2), varint(value.length), value])

const text = (field: number, value: string) => bytes(field, Buffer.from(value))

const message = (field: number, parts: readonly Buffer[]) => bytes(field, Buffer.concat(parts))

/** An AttributeProto of the node. */
const attribute = (name: string, parts: readonly Buffer[]) => message(5, [text(1, name), ...parts])

const textAttribute = (name: string, value: string) =>
  attribute(name, [text(4, value), integer(20, 3)])

const texts = (name: string, values: readonly string[]) =>
  attribute(name, [...values.map((value) => text(9, value)), integer(20, 8)])

const integers = (name: string, values: readonly number[]) =>
  attribute(name, [bytes(8, Buffer.concat(values.map(varint))), integer(20, 7)])

const floats = (name: string, values: readonly number[]) =>
  attribute(name, [bytes(7, Buffer.from(Float32Array.from(values).buffer)), integer(20, 6)])
