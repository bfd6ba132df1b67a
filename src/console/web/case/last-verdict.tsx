/** What was decided last, told aloud, with the way back. */
import { Button } from '@mantine/core'
import { Caps } from '../keys/caps.tsx'
import { VerdictTag } from '../parts/outcome.tsx'
import { Value } from '../parts/value.tsx'
import { useWork } from '../queue/work.tsx'
import { useTexts } from '../shell/settings.tsx'
import classes from './verdict.module.css'

export function LastVerdict({ undo }: { readonly undo: () => void }) {
  const { case: texts, queue } = useTexts()
  const { last } = useWork()
  return (
    <span className={classes.last} role="status">
      {last !== null && last.state === 'kept' && (
        <>
          <VerdictTag verdict={last.verdict} />
          <Value text={last.row.user} longest={20} />
          <Button
            variant="subtle"
            size="compact-xs"
            rightSection={<Caps of="undo" />}
            onClick={undo}
          >
            {texts.verdict.undo}
          </Button>
        </>
      )}
      {last !== null && last.state === 'undone' && queue.reopened(last.row.user)}
    </span>
  )
}
