/** Runs in a thread of its own: grows the trees that it is given the numbers of. */
import { parentPort, workerData } from 'node:worker_threads'
import { newRandom } from '../generate/random.ts'
import { growTree } from './grow-tree.ts'
import type { GrowOrder } from './train-forest.ts'

const { rows, tree, seed, numbers }: GrowOrder = workerData
for (const number of numbers)
  parentPort!.postMessage({ number, tree: growTree(rows, tree, newRandom(seed).fork(number)) })
