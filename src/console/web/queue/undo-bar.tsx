/** Ten seconds in which a verdict on many cases can be taken back, running down. */
import { Button } from '@mantine/core'
import { useEffect } from 'react'
import { now } from '../clock.ts'
import { Caps } from '../keys/caps.tsx'
import { useTexts } from '../shell/settings.tsx'
import { useNow } from '../time/use-now.ts'
import classes from './queue.module.css'
import { useBulkUndo } from './use-bulk-undo.ts'
import { type PendingBulk, useWork } from './work.tsx'

const wholeMs = 10_000

export function UndoBar() {
  const { bulk } = useWork()
  return bulk === null ? null : <Countdown bulk={bulk} />
}

function Countdown({ bulk }: { readonly bulk: PendingBulk }) {
  const { queue, words } = useTexts()
  const { setBulk } = useWork()
  const undo = useBulkUndo()
  const at = useNow(200)
  const left = Math.max(0, bulk.until - at)
  useEffect(() => {
    const timer = setTimeout(() => setBulk(null), Math.max(0, bulk.until - now()))
    return () => clearTimeout(timer)
  }, [bulk, setBulk])
  return (
    <div className={classes.undo}>
      <span className={classes.undoText} role="status">
        {queue.bulk.done(words.verdict[bulk.verdict], bulk.decided)}
      </span>
      <Button
        variant="white"
        color="dark"
        rightSection={<Caps of="undo" />}
        loading={undo.isPending}
        onClick={() => undo.mutate(bulk)}
      >
        {queue.bulk.undoIn(Math.ceil(left / 1_000))}
      </Button>
      <span className={classes.undoTime} style={{ width: `${(left / wholeMs) * 100}%` }} />
    </div>
  )
}
