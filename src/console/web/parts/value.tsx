/**
 * Text that an event carries: shown as text only, kept apart from its surroundings' direction, with
 * every character made visible that is there to mislead, and cut where it is long (the whole is in
 * the title and goes to the clipboard).
 */
import { CopyButton } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useTexts } from '../shell/settings.tsx'
import { clip, reveal } from './reveal.ts'
import classes from './value.module.css'

export function Value(given: {
  readonly text: string
  /** Characters shown; the rest is cut from the middle. */
  readonly longest?: number
  readonly mono?: boolean
  /** What it is, for the button that copies it; without it there is none. */
  readonly copyAs?: string
}) {
  const { text, longest = 40, mono = false, copyAs } = given
  const pieces = reveal(clip(text, longest))
  return (
    <span className={classes.value}>
      <bdi className={mono ? classes.mono : undefined} title={text}>
        {pieces.map((piece, at) =>
          piece.hidden === null ? (
            piece.text
          ) : (
            // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text never move
            <HiddenCharacter key={at} code={piece.hidden} />
          ),
        )}
      </bdi>
      {copyAs !== undefined && <Copy text={text} what={copyAs} />}
    </span>
  )
}

function HiddenCharacter({ code }: { readonly code: string }) {
  const { shell } = useTexts()
  return (
    <span className={classes.hidden} title={shell.hidden(code)}>
      {code}
    </span>
  )
}

export function Copy({ text, what }: { readonly text: string; readonly what: string }) {
  const { shell } = useTexts()
  return (
    <CopyButton value={text} timeout={1_200}>
      {({ copied, copy }) => (
        <button
          type="button"
          className={classes.copy}
          aria-label={copied ? shell.copied : shell.copy(what)}
          title={copied ? shell.copied : shell.copy(what)}
          onClick={(event) => {
            event.stopPropagation()
            copy()
          }}
        >
          {copied ? <IconCheck size={13} /> : <IconCopy size={13} />}
        </button>
      )}
    </CopyButton>
  )
}
