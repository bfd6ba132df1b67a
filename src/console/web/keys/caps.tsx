/** Keys as caps of a keyboard. */

import { capsOf, type KeyId } from './bindings.ts'
import classes from './caps.module.css'

export function Caps({ of }: { readonly of: KeyId }) {
  return (
    <span className={classes.caps} aria-hidden>
      {capsOf(of).map((cap) => (
        <kbd key={cap} className={classes.cap}>
          {cap}
        </kbd>
      ))}
    </span>
  )
}
