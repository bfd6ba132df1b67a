/**
 * Live updates: the server says what changed, the answers that depend on it are asked again. Topics
 * gather for two seconds, and nothing is asked while the page is hidden; then all at once.
 */
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { StreamTopic } from '../../api/operations.ts'
import { staleBy } from '../api/keys.ts'
import { streamPath } from '../api/paths.ts'
import { letRun } from './let-run.ts'

const gatherMs = 2_000

/** Whether the stream stands. */
export function useLive(): boolean {
  const queries = useQueryClient()
  const [isOpen, setOpen] = useState(false)
  useEffect(() => {
    const changed = new Set<StreamTopic>()
    let timer: ReturnType<typeof setTimeout> | null = null
    const flush = () => {
      timer = null
      if (document.hidden) return
      for (const topic of changed)
        for (const name of staleBy[topic]) letRun(queries.invalidateQueries({ queryKey: [name] }))
      changed.clear()
    }
    const gather = () => {
      timer ??= setTimeout(flush, gatherMs)
    }
    const stream = new EventSource(streamPath)
    stream.addEventListener('open', () => setOpen(true))
    stream.addEventListener('error', () => setOpen(false))
    stream.addEventListener('changed', ({ data }: MessageEvent<string>) => {
      for (const topic of topicsOf(data)) changed.add(topic)
      gather()
    })
    document.addEventListener('visibilitychange', gather)
    return () => {
      document.removeEventListener('visibilitychange', gather)
      stream.close()
      if (timer !== null) clearTimeout(timer)
    }
  }, [queries])
  return isOpen
}

function topicsOf(data: string): readonly StreamTopic[] {
  try {
    const told: unknown = JSON.parse(data)
    return Array.isArray(told) ? told.filter((topic) => Object.hasOwn(staleBy, topic)) : []
  } catch {
    return []
  }
}
