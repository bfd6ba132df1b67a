/** What goes on the block list with a verdict of fraud: entities of the case, or the whole ring. */
import { Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { CaseWhole, EntityKind } from '../../api/case-shapes.ts'
import { keys as names } from '../api/keys.ts'
import { useApi } from '../api/use-api.tsx'
import type { KeyId } from '../keys/bindings.ts'
import { Caps } from '../keys/caps.tsx'
import { useFormat, useTexts } from '../shell/settings.tsx'
import { blockKinds, expiries, membersOf, toggleKind } from './blocking.ts'
import { rootOf } from './ring.ts'
import type { CaseWork } from './use-case-work.ts'
import classes from './verdict.module.css'

const kinds = ['user', 'device', 'ip', 'phone', 'code', 'referrer'] as const satisfies EntityKind[]
const keyOf = (kind: EntityKind): KeyId => `block-${kind}`

export function BlockChoices(given: { readonly whole: CaseWhole; readonly work: CaseWork }) {
  const { whole, work } = given
  const { words, case: texts } = useTexts()
  const { verdict } = texts
  const there = blockKinds(whole)
  const { blocking, setBlocking } = work
  return (
    <div className={classes.choices} role="group" aria-label={verdict.block}>
      <span className={classes.choicesTitle}>{verdict.block}</span>
      {kinds
        .filter((kind) => there.has(kind))
        .map((kind) => (
          <Choice
            key={kind}
            id={keyOf(kind)}
            label={words.entity[kind]}
            isOn={blocking.kinds.has(kind)}
            isOff={!work.mayDecide}
            toggle={() => setBlocking(toggleKind(blocking, kind))}
          />
        ))}
      <Ring {...given} />
      <Select
        w={88}
        aria-label={`${verdict.block} ${verdict.expiry}`}
        allowDeselect={false}
        disabled={!work.mayDecide}
        value={blocking.expiry}
        onChange={(chosen) =>
          setBlocking({ ...blocking, expiry: expiries.find((one) => one === chosen) ?? 'month' })
        }
        data={expiries.map((value) => ({ value, label: verdict.expiries[value] }))}
      />
    </div>
  )
}

function Ring({ whole, work }: { readonly whole: CaseWhole; readonly work: CaseWork }) {
  const { verdict } = useTexts().case
  const format = useFormat()
  const api = useApi()
  const root = rootOf(whole.row)
  const graph = useQuery({
    queryKey: names.links(root.kind, root.value),
    queryFn: ({ signal }) => api.call('showLinks', { query: root }, signal),
  })
  const size = membersOf(graph.data).length
  if (size < 2) return null
  const { blocking, setBlocking } = work
  return (
    <Choice
      id="ring"
      label={verdict.ring(format.number(size))}
      hint={verdict.ringHint}
      isOn={blocking.ring}
      isOff={!work.mayDecide}
      toggle={() => setBlocking({ ...blocking, ring: !blocking.ring })}
    />
  )
}

function Choice(given: {
  readonly id: KeyId
  readonly label: string
  readonly hint?: string
  readonly isOn: boolean
  readonly isOff: boolean
  readonly toggle: () => void
}) {
  return (
    <button
      type="button"
      className={`${classes.choice} ${given.isOn ? classes.on : ''}`}
      aria-pressed={given.isOn}
      title={given.hint}
      disabled={given.isOff}
      onClick={given.toggle}
    >
      {given.label}
      <Caps of={given.id} />
    </button>
  )
}
