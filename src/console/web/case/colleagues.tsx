/** What colleagues decided and wrote, oldest first, and a place to write a note. */
import { Button, Textarea } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { CaseWhole } from '../../api/case-shapes.ts'
import { keys } from '../api/keys.ts'
import { useApi, useMay } from '../api/use-api.tsx'
import { Caps } from '../keys/caps.tsx'
import { VerdictTag } from '../parts/outcome.tsx'
import { sayFailed } from '../parts/say.ts'
import { errorText } from '../parts/states.tsx'
import { Value } from '../parts/value.tsx'
import { patchRow } from '../queue/patch-row.ts'
import { useFormat, useTexts } from '../shell/settings.tsx'
import shared from './case.module.css'
import classes from './why.module.css'

const noteLongest = 2_000

export function Colleagues({ whole }: { readonly whole: CaseWhole }) {
  const { colleagues } = useTexts().case
  const mayWrite = useMay('reviewer')
  const said = [
    ...whole.verdicts.map((verdict) => ({ at: verdict.at, verdict, note: null })),
    ...whole.notes.map((note) => ({ at: note.at, verdict: null, note })),
  ].sort((a, b) => a.at - b.at)
  return (
    <section className={shared.block_} aria-label={colleagues.title}>
      <h2 className={shared.title}>{colleagues.title}</h2>
      {said.length === 0 && <p className={shared.soft}>{colleagues.none}</p>}
      <ol className={classes.said}>
        {said.map(({ verdict, note }) =>
          verdict === null ? (
            <Note key={`note ${note.id}`} note={note} />
          ) : (
            <Said key={`verdict ${verdict.id}`} verdict={verdict} />
          ),
        )}
      </ol>
      {mayWrite && <NoteForm key={whole.row.key} caseKey={whole.row.key} />}
    </section>
  )
}

function Said({ verdict }: { readonly verdict: CaseWhole['verdicts'][number] }) {
  const { colleagues } = useTexts().case
  const format = useFormat()
  const isBack = verdict.withdrawnAt !== null
  return (
    <li className={isBack ? classes.withdrawn : undefined}>
      <VerdictTag verdict={verdict.verdict} />{' '}
      <strong>
        <bdi>{verdict.reviewer}</bdi>
      </strong>{' '}
      <span className={shared.soft}>
        {format.time(verdict.at)}
        {isBack && ` · ${colleagues.withdrawn}`}
      </span>
      {verdict.reason !== null && (
        <div>
          <Value text={verdict.reason} longest={500} />
        </div>
      )}
    </li>
  )
}

function Note({ note }: { readonly note: CaseWhole['notes'][number] }) {
  const format = useFormat()
  return (
    <li>
      <strong>
        <bdi>{note.author}</bdi>
      </strong>{' '}
      <span className={shared.soft}>{format.time(note.at)}</span>
      <div className={classes.noteText}>
        <bdi>{note.text}</bdi>
      </div>
    </li>
  )
}

function NoteForm({ caseKey }: { readonly caseKey: string }) {
  const { case: texts, shell } = useTexts()
  const { colleagues } = texts
  const api = useApi()
  const queries = useQueryClient()
  const [text, setText] = useState('')
  const add = useMutation({
    mutationFn: () =>
      api.call('addNote', { params: { key: caseKey }, body: { text: text.trim() } }),
    onSuccess: (note) => {
      setText('')
      patchRow(queries, caseKey, (row) => ({ ...row, notes: row.notes + 1 }))
      queries.setQueryData<CaseWhole>(keys.case(caseKey), (held) =>
        held === undefined ? held : { ...held, notes: [...held.notes, note] },
      )
    },
    onError: (error) => sayFailed(shell.failedAction, errorText(error, shell.state)),
  })
  const send = (event?: FormEvent) => {
    event?.preventDefault()
    if (text.trim() !== '' && !add.isPending) add.mutate()
  }
  return (
    <form onSubmit={send} className={classes.noteForm}>
      <Textarea
        id="case-note"
        flex={1}
        rows={1}
        classNames={{ input: classes.noteInput }}
        maxLength={noteLongest}
        aria-label={colleagues.note}
        placeholder={colleagues.note}
        title={colleagues.noteHint}
        rightSection={text === '' ? <Caps of="note" /> : null}
        rightSectionPointerEvents="none"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) send()
          if (event.key === 'Escape') event.currentTarget.blur()
        }}
      />
      {text.trim() !== '' && (
        <Button type="submit" loading={add.isPending}>
          {colleagues.addNote}
        </Button>
      )}
    </form>
  )
}
