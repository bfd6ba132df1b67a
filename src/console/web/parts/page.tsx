/** The frame of a screen below the bar: a title, what can be done, and what is shown. */
import type { ReactNode } from 'react'
import classes from './page.module.css'

export function Page(given: {
  readonly title: string
  readonly note?: ReactNode
  readonly actions?: ReactNode
  readonly children: ReactNode
}) {
  return (
    <div className={classes.page}>
      <header className={classes.head}>
        <h1 className={classes.title}>{given.title}</h1>
        {given.note !== undefined && <span className={classes.note}>{given.note}</span>}
        <span className={classes.grow} />
        {given.actions}
      </header>
      {given.children}
    </div>
  )
}

export function Card(given: {
  readonly title: string
  readonly note?: ReactNode
  readonly className?: string | undefined
  readonly children: ReactNode
}) {
  return (
    <section className={`${classes.card} ${given.className ?? ''}`} aria-label={given.title}>
      <header className={classes.cardHead}>
        <h2 className={classes.cardTitle}>{given.title}</h2>
        {given.note !== undefined && <span className={classes.note}>{given.note}</span>}
      </header>
      {given.children}
    </section>
  )
}

/** One number with what it is, and something said of it. */
export function Figure(given: {
  readonly label: string
  readonly value: ReactNode
  readonly note?: ReactNode
  readonly isBad?: boolean
}) {
  return (
    <div className={classes.figure}>
      <dt>{given.label}</dt>
      <dd className={given.isBad === true ? classes.bad : undefined}>{given.value}</dd>
      {given.note !== undefined && <dd className={classes.figureNote}>{given.note}</dd>}
    </div>
  )
}
