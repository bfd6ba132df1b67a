/**
 * A screen that is one register: its filters in the head, then the rows, or what stands in their
 * place. What a screen has of its own is given; the rest is the same on all of them.
 */
import type { ReactNode } from 'react'
import { Page } from './page.tsx'
import { type Column, Register } from './register.tsx'
import classes from './register-page.module.css'
import { Empty, type Nothing, Waiting } from './states.tsx'
import type { Found } from './use-pages.ts'

interface Given<Row> {
  readonly title: string
  readonly note?: ReactNode
  /** Filters, and what can be done. */
  readonly actions?: ReactNode
  readonly found: Found<Row>
  readonly columns: readonly Column<Row>[]
  readonly keyOf: (row: Row) => string | number
  readonly open?: ((row: Row) => void) | undefined
  readonly chosen?: string | number | null
  /** Bars until the rows are there. */
  readonly lines?: number
  /** What is said where there are no rows; where there always are some, it is left out. */
  readonly empty?: Nothing
  readonly above?: ReactNode
  /** To the right of the rows, half of the screen. */
  readonly beside?: ReactNode
  /** No higher than its rows: something stands below it. */
  readonly isShort?: boolean
  /** What stands below, and dialogs. */
  readonly children?: ReactNode
}

export function RegisterPage<Row>(given: Given<Row>) {
  const { title, found, empty, lines = 12 } = given
  const { query, rows, more } = found
  const register = (
    <Register
      label={title}
      columns={given.columns}
      rows={rows}
      keyOf={given.keyOf}
      open={given.open}
      chosen={given.chosen ?? null}
      isShort={given.isShort === true}
      more={more}
    />
  )
  const filled =
    given.beside === undefined ? (
      register
    ) : (
      <div className={classes.halves}>
        {register}
        {given.beside}
      </div>
    )
  return (
    <Page title={title} note={given.note} actions={given.actions}>
      <Waiting query={query} lines={lines} height={18} />
      {given.above}
      {empty !== undefined && query.isSuccess && rows.length === 0 && <Empty {...empty} />}
      {rows.length > 0 && filled}
      {given.children}
    </Page>
  )
}
