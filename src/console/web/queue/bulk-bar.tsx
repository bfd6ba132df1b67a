/** What can be done with the rows that are selected. */
import { Button } from '@mantine/core'
import type { VerdictWord } from '../../api/case-shapes.ts'
import { Caps } from '../keys/caps.tsx'
import { useTexts } from '../shell/settings.tsx'
import classes from './queue.module.css'
import { nothingSelected, type Selection, selectionMax } from './selection.ts'

const verdicts = ['fraud', 'legitimate', 'inconclusive'] as const
const colours = {
  fraud: 'var(--cg-block)',
  legitimate: 'var(--cg-allow)',
  inconclusive: 'var(--cg-text)',
} as const

export function BulkBar(given: {
  readonly selection: Selection
  readonly select: (selection: Selection) => void
  readonly ask: (verdict: VerdictWord) => void
}) {
  const { queue, words } = useTexts()
  const { size } = given.selection.keys
  if (size === 0) return null
  return (
    <section className={classes.bulk} aria-label={queue.decideAs}>
      <strong role="status">{queue.selected(size)}</strong>
      {size >= selectionMax && <span className={classes.total}>{queue.tooMany}</span>}
      <Button variant="subtle" color="gray" onClick={() => given.select(nothingSelected)}>
        {queue.clearSelection}
      </Button>
      <span className={classes.grow} />
      <span className={classes.total}>{queue.decideAs}</span>
      {verdicts.map((verdict) => (
        <Button
          key={verdict}
          variant="default"
          c={colours[verdict]}
          rightSection={<Caps of={verdict} />}
          onClick={() => given.ask(verdict)}
        >
          {words.verdict[verdict]}
        </Button>
      ))}
    </section>
  )
}
