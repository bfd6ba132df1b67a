/** One dead letter: where it came from, its headers, its bytes as digits and as text. */
import { Button } from '@mantine/core'
import { IconRefresh } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import type { AnswerOf } from '../../api/operations.ts'
import { keys } from '../api/keys.ts'
import { useApi, useMay } from '../api/use-api.tsx'
import { letRun } from '../live/let-run.ts'
import { Failed, Loading } from '../parts/states.tsx'
import { Value } from '../parts/value.tsx'
import { useFormat, useTexts } from '../shell/settings.tsx'
import { wordFor } from '../texts/words.ts'
import { bytesOf, hexLines, textOfBytes } from './hex.ts'
import classes from './letters.module.css'
import { useRedrive } from './use-redrive.ts'

type Row = AnswerOf<'listDeadLetters'>['rows'][number]
type Whole = AnswerOf<'showDeadLetter'>

export function Letter({ row }: { readonly row: Row }) {
  const { registers, words } = useTexts()
  const texts = registers.letters
  const format = useFormat()
  const isLead = useMay('lead')
  const redrive = useRedrive()
  return (
    <aside className={classes.letter} aria-label={texts.bytes}>
      <header className={classes.head}>
        <h2 className={classes.title}>
          <Value text={wordFor(words.rejection, row.reason)} longest={40} />
        </h2>
        <Value text={row.reason} longest={40} mono copyAs={texts.reason} />
        <span className={classes.grow} />
        {isLead && (
          <Button
            leftSection={<IconRefresh size={15} />}
            disabled={row.sealedBy !== null || row.bytesLength === 0}
            loading={redrive.isPending}
            onClick={() => redrive.mutate({ id: row.id })}
          >
            {texts.redriveOne}
          </Button>
        )}
      </header>
      <p className={classes.detail}>
        <Value text={row.detail} longest={300} />
      </p>
      <dl className={classes.facts}>
        <dt>{texts.source}</dt>
        <dd>
          <Value text={row.source} /> · {texts.place(row.partition, row.offset)}
        </dd>
        <dt>{texts.recorded}</dt>
        <dd>{format.time(row.recordedAt)}</dd>
        <dt>{texts.sha}</dt>
        <dd>
          <Value text={row.sha256} longest={24} mono copyAs={texts.sha} />
        </dd>
        {row.redrivenAt !== null && (
          <>
            <dt>{texts.redriven}</dt>
            <dd>{texts.redrivenBy(row.redrivenBy ?? '', format.time(row.redrivenAt))}</dd>
          </>
        )}
      </dl>
      {isLead ? <Bytes row={row} /> : <p className={classes.soft}>{texts.forLeads}</p>}
    </aside>
  )
}

function Bytes({ row }: { readonly row: Row }) {
  const { registers } = useTexts()
  const texts = registers.letters
  const format = useFormat()
  const api = useApi()
  const query = useQuery({
    queryKey: keys.letter(row.id),
    queryFn: ({ signal }) => api.call('showDeadLetter', { params: { id: row.id } }, signal),
  })
  if (row.sealedBy !== null) return <p className={classes.soft}>{texts.sealed(row.sealedBy)}</p>
  if (query.isPending) return <Loading lines={8} />
  if (query.isError) return <Failed error={query.error} retry={() => letRun(query.refetch())} />
  const { bytes, headers } = query.data
  if (bytes === null) return <p className={classes.soft}>{texts.notKept}</p>
  const held = bytesOf(bytes)
  const shown = held.subarray(0, shownMax)
  const isCut = shown.length < row.bytesLength
  return (
    <>
      <Headers headers={headers} />
      <h3 className={classes.subtitle}>
        {texts.bytes}{' '}
        {isCut && texts.cut(format.bytes(shown.length), format.bytes(row.bytesLength))}
      </h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keys */}
      <section className={classes.whole} tabIndex={0} aria-label={texts.bytes}>
        <Value text={textOfBytes(shown.subarray(0, 2_048))} longest={2_048} mono />
      </section>
      <pre className={classes.hex} tabIndex={-1} data-wide>
        {hexLines(shown).map(({ offset, hex, text }) => (
          <div key={offset} className={classes.hexLine}>
            <span className={classes.offset}>{offset}</span>
            <span>{hex}</span>
            <bdi>{text}</bdi>
          </div>
        ))}
      </pre>
    </>
  )
}

/** More lines would make the screen slow and nobody reads them. */
const shownMax = 8_192

function Headers({ headers }: { readonly headers: Whole['headers'] }) {
  const { registers } = useTexts()
  if (headers.length === 0) return null
  return (
    <>
      <h3 className={classes.subtitle}>{registers.letters.headers}</h3>
      <dl className={classes.facts}>
        {headers.map(({ name, value }, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a header may stand twice and never moves
          <div key={at} className={classes.header}>
            <dt>
              <Value text={name} longest={30} />
            </dt>
            <dd>
              <Value text={value} longest={60} />
            </dd>
          </div>
        ))}
      </dl>
    </>
  )
}
