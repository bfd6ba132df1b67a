/**
 * Keys of the page: one listener on the document; screens say what they do while they are there.
 * Nothing happens while somebody types, composes Chinese, or has a dialog open.
 */
import { createContext, type ReactNode, useContext, useEffect, useRef, useState } from 'react'
import { now } from '../clock.ts'
import { type KeyId, matchKey, nameOf } from './bindings.ts'

export type KeyActions = { readonly [Id in KeyId]?: (() => void) | undefined }
type Layer = { current: KeyActions }

const KeyContext = createContext<Set<Layer>>(new Set())
/** The second key of two has to come within. */
const prefixMs = 1_500

function isBusy(event: KeyboardEvent): boolean {
  if (event.isComposing || event.defaultPrevented) return true
  const target = event.target instanceof HTMLElement ? event.target : null
  if (target === null) return false
  if (target.isContentEditable || /^(?:TEXTAREA|SELECT)$/.test(target.tagName)) return true
  if (target instanceof HTMLInputElement) return !/^(?:checkbox|button)$/.test(target.type)
  if (target.closest('[role="menu"],[role="listbox"]') !== null) return true
  if (document.querySelector('[role="dialog"][aria-modal="true"]') !== null) return true
  // Enter and space belong to what has the focus.
  const presses = event.key === 'Enter' || event.key === ' '
  return presses && target.closest('button,a,summary,[role="tab"],[role="checkbox"]') !== null
}

function actionOf(layers: ReadonlySet<Layer>, id: KeyId): (() => void) | undefined {
  // The newest layer that knows the key has it.
  return [...layers].reverse().find(({ current }) => current[id] !== undefined)?.current[id]
}

export function KeyProvider({ children }: { readonly children: ReactNode }) {
  const [layers] = useState(() => new Set<Layer>())
  useEffect(() => {
    let prefix: { readonly key: string; readonly at: number } | null = null
    const press = (event: KeyboardEvent) => {
      const name = nameOf(event)
      if (name === null || (isBusy(event) && name !== 'mod+k')) return
      const fresh = prefix !== null && now() - prefix.at < prefixMs ? prefix.key : null
      const offered = [...layers].flatMap(({ current }) => Object.keys(current) as KeyId[])
      const match = matchKey(offered, fresh, name) ?? matchKey(offered, null, name)
      prefix = null
      if (match === null) return
      event.preventDefault()
      if ('waits' in match) prefix = { key: match.waits, at: now() }
      else actionOf(layers, match.id)?.()
    }
    document.addEventListener('keydown', press)
    return () => document.removeEventListener('keydown', press)
  }, [layers])
  return <KeyContext value={layers}>{children}</KeyContext>
}

/** While the caller is on the page its keys do what it says. */
export function useKeys(actions: KeyActions): void {
  const layers = useContext(KeyContext)
  const layer = useRef(actions)
  layer.current = actions
  useEffect(() => {
    layers.add(layer)
    return () => {
      layers.delete(layer)
    }
  }, [layers])
}
