/** A database of one's own on a test server. */
import { openPostgres } from '../../src/console/store/postgres.ts'
import type { Store } from '../../src/console/store/store.ts'

/** Made anew; gives its URL. */
export async function newDatabase(url: string, name: string): Promise<string> {
  const server = openPostgres(url)
  await server.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
  await server.query(`CREATE DATABASE ${name}`)
  await server.close()
  const own = new URL(url)
  own.pathname = `/${name}`
  return own.href
}

export async function emptied(store: Store): Promise<Store> {
  await store.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public')
  return store
}
