/**
 * Rows of a register as a table: j and k go through them, Enter opens. For hundreds of rows; the
 * queue has its own for a hundred thousand.
 */
import { Button } from '@mantine/core'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { useKeys } from '../keys/use-keys.tsx'
import { useTexts } from '../shell/settings.tsx'
import classes from './register.module.css'
import type { More } from './use-pages.ts'

export interface Column<Row> {
  readonly title: string
  readonly cell: (row: Row) => ReactNode
  readonly isNumber?: boolean
  /** Takes what room is left. */
  readonly isWide?: boolean
}

interface Given<Row> {
  readonly label: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly keyOf: (row: Row) => string | number
  readonly open?: ((row: Row) => void) | undefined
  /** No higher than its rows: something stands below it. */
  readonly isShort?: boolean
  readonly chosen?: string | number | null
  readonly more?: More | null
}

export function Register<Row>(given: Given<Row>) {
  const { rows, keyOf, open } = given
  const { shell } = useTexts()
  const [index, setIndex] = useState(0)
  const table = useRef<HTMLTableElement>(null)
  const move = (to: number) => setIndex(Math.max(0, Math.min(rows.length - 1, to)))
  const row = rows[index]
  useKeys({
    next: () => move(index + 1),
    previous: () => move(index - 1),
    first: () => move(0),
    last: () => move(rows.length - 1),
    open: open === undefined || row === undefined ? undefined : () => open(row),
  })
  useEffect(() => {
    const shown = table.current?.querySelector(`[data-row="${index}"]`)
    if (index > 0) shown?.scrollIntoView({ block: 'nearest' })
  }, [index])
  return (
    <div
      className={`${classes.scroller} ${given.isShort === true ? classes.short : ''}`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys
      tabIndex={0}
      role="region"
      aria-label={given.label}
    >
      <table ref={table} className={classes.table}>
        <thead>
          <tr>
            {given.columns.map(({ title, isNumber, isWide }) => (
              <th key={title} scope="col" className={classNames(isNumber, isWide)}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((one, at) => (
            <RegisterRow
              key={keyOf(one)}
              row={one}
              at={at}
              columns={given.columns}
              isCurrent={at === index}
              isChosen={given.chosen === keyOf(one)}
              open={open}
              setIndex={setIndex}
            />
          ))}
        </tbody>
      </table>
      {given.more != null && (
        <Button
          variant="subtle"
          color="gray"
          className={classes.more}
          loading={given.more.isLoading}
          onClick={given.more.load}
        >
          {shell.more}
        </Button>
      )}
    </div>
  )
}

const classNames = (isNumber: boolean | undefined, isWide: boolean | undefined) =>
  `${isNumber === true ? classes.number : ''} ${isWide === true ? classes.wide : ''}`

function RegisterRow<Row>(given: {
  readonly row: Row
  readonly at: number
  readonly columns: readonly Column<Row>[]
  readonly isCurrent: boolean
  readonly isChosen: boolean
  readonly open: ((row: Row) => void) | undefined
  readonly setIndex: (index: number) => void
}) {
  const { row, at, open } = given
  const looks = [
    given.isCurrent ? classes.current : '',
    given.isChosen ? classes.chosen : '',
    open === undefined ? '' : classes.opens,
  ]
  return (
    <tr
      data-row={at}
      className={looks.join(' ')}
      aria-current={given.isCurrent ? 'true' : undefined}
      onClick={() => {
        given.setIndex(at)
        open?.(row)
      }}
    >
      {given.columns.map(({ title, cell, isNumber, isWide }) => (
        <td key={title} className={classNames(isNumber, isWide)}>
          {cell(row)}
        </td>
      ))}
    </tr>
  )
}
