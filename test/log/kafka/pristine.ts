/**
 * Modules of kafkajs as they were installed, beside those that may have been mended in this
 * process: read anew, then forgotten, so that nobody else gets them.
 */
import { createRequire } from 'node:module'
import { sep } from 'node:path'

const load = createRequire(import.meta.url)
const isOfKafkajs = (path: string) => path.includes(`${sep}node_modules${sep}kafkajs${sep}`)

export function pristine<T>(path: string): T {
  const kept = forget()
  try {
    return load(`kafkajs/src/${path}`)
  } finally {
    forget()
    Object.assign(load.cache, kept)
  }
}

function forget(): NodeJS.Dict<NodeJS.Module> {
  const forgotten: NodeJS.Dict<NodeJS.Module> = {}
  for (const path of Object.keys(load.cache).filter(isOfKafkajs)) {
    forgotten[path] = load.cache[path]
    delete load.cache[path]
  }
  return forgotten
}
