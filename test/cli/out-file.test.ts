/** What is read is not written over, by whatever path it is named. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { refuseReadFile } from '../../src/cli/out-file.ts'
import { scratchFolder } from '../support/run-cli.ts'

test('a file that is read, also by way of a linked folder', () => {
  const folder = scratchFolder()
  mkdirSync(join(folder, 'days'))
  symlinkSync(join(folder, 'days'), join(folder, 'linked'))
  writeFileSync(join(folder, 'days', 'r.avro'), '')
  symlinkSync(join(folder, 'days', 'r.avro'), join(folder, 'link'))
  const read = [undefined, join(folder, 'days', 'r.avro'), 'nosuch/s.csv']
  const refused = (out: string) => () => refuseReadFile('--out', out, read)
  for (const out of ['days/r.avro', 'days/../days/r.avro', 'linked/r.avro'])
    expect(refused(join(folder, out)), out).toThrow(/^--out .*: is what is read/)
  expect(refused('./nosuch/s.csv')).toThrow('is what is read')
  // A link itself is what would be replaced, not what it leads to.
  for (const out of ['link', 'days/other', 'r.avro'])
    expect(refused(join(folder, out))).not.toThrow()
  expect(() => refuseReadFile('--out', undefined, read)).not.toThrow()
})
