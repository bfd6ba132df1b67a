/** What an address that leads nowhere shows. */
import { Button } from '@mantine/core'
import { IconMapOff } from '@tabler/icons-react'
import { Link } from 'react-router'
import { Empty } from '../parts/states.tsx'
import { useTexts } from './settings.tsx'
import { waitingQueue } from './waiting-queue.ts'

export function NotFound() {
  const { shell } = useTexts()
  return (
    <Empty icon={IconMapOff} title={shell.pageNotFound} isAlone>
      <Button component={Link} to={waitingQueue} variant="default">
        {shell.toQueue}
      </Button>
    </Empty>
  )
}
