/** The width that an element has now, in pixels. */
import { useLayoutEffect, useRef, useState } from 'react'

export function useWidth() {
  const element = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(600)
  useLayoutEffect(() => {
    const { current } = element
    if (current === null) return undefined
    const look = () => setWidth(Math.max(120, current.clientWidth))
    look()
    const observer = new ResizeObserver(look)
    observer.observe(current)
    return () => observer.disconnect()
  }, [])
  return [element, width] as const
}
