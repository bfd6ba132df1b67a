/** The time, told anew every so often, for ages and countdowns. */
import { useEffect, useState } from 'react'
import { now } from '../clock.ts'

export function useNow(everyMs: number): number {
  const [at, setAt] = useState(now)
  useEffect(() => {
    const timer = setInterval(() => setAt(now()), everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
  return at
}
