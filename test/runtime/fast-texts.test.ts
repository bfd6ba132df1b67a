/** What a library does to the speed of texts is undone as soon as it is loaded. */
import { execFileSync } from 'node:child_process'
import { setFlagsFromString } from 'node:v8'
import { runInThisContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { keepTextsFast } from '../../src/runtime/fast-texts.ts'

/** Whether V8 keeps what all texts inherit in a form that compiled code relies on. */
const areTextsFast = '((object) => %HasFastProperties(object))(String.prototype)'

describe('texts', () => {
  it('are fast again after a class of texts was declared', () => {
    setFlagsFromString('--allow-natives-syntax')
    const look = () => runInThisContext(areTextsFast)
    class Marked extends String {}
    expect([new Marked('text').length, look()]).toEqual([4, false])
    keepTextsFast()
    expect(look()).toBe(true)
  })

  it.each([
    ['ioredis', 'false'],
    ['./src/state/redis-client.ts', 'true'],
    ['./src/cli/bench.ts', 'true'],
  ])('in a process of its own that loads %s: %s', (module, isFast) => {
    const script = `await import('${module}'); console.log(${areTextsFast})`
    const flags = ['--allow-natives-syntax', '--import', 'tsx', '--input-type=module']
    const said = execFileSync(process.execPath, [...flags, '--eval', script], { encoding: 'utf8' })
    expect(said.trim()).toBe(isFast)
  })
})
