/**
 * The console's database: Postgres, or the same SQL on PGlite inside the data folder. Both give
 * bigint as number (all of ours are below 2^53), jsonb as values and bytea as Uint8Array.
 *
 *  - `query` is one statement, `$1`-style parameters;
 *  - `transaction` runs its work on one connection: committed when it resolves, rolled back when it
 *    rejects; on PGlite others wait for it, so nothing slow belongs inside;
 *  - a database that is away rejects with EdgeError `database-away`, retriable.
 */
export type Value = string | number | boolean | null | Uint8Array | readonly Value[] | object

export interface Queries {
  query<Row extends object>(sql: string, values?: readonly Value[]): Promise<readonly Row[]>
}

export interface Database extends Queries {
  /** With `statementMaxMs` on a connection of its own, whose statements may take so long. */
  transaction<T>(
    work: (queries: Queries) => Promise<T>,
    limits?: { readonly statementMaxMs: number },
  ): Promise<T>
  close(): Promise<void>
}
