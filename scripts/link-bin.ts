/**
 * After a build: makes dist/main.js executable and links it into node_modules/.bin, so that
 * `npx couponguard` runs this checkout at once and asks no registry.
 */
import { chmodSync, existsSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const folder = join(root, 'node_modules', '.bin')
const link = join(folder, 'couponguard')
chmodSync(join(root, 'dist', 'main.js'), 0o755)
if (existsSync(folder)) {
  rmSync(link, { force: true })
  symlinkSync(join('..', '..', 'dist', 'main.js'), link)
}
