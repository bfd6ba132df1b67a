/** Filters of the queue: one menu each with counts, and a chip for everything that is set. */
import { Button, CloseButton } from '@mantine/core'
import type { CaseFilter } from '../../api/case-shapes.ts'
import { Value } from '../parts/value.tsx'
import { useFormat, useTexts } from '../shell/settings.tsx'
import type { Dictionary } from '../texts/dictionary.ts'
import { wordFor } from '../texts/words.ts'
import type { Format } from '../time/format.ts'
import {
  type CaseQuery,
  chipsOf,
  type FilterField,
  isNarrowed,
  type SeveralField,
  severalFields,
  toggleValue,
  valuesOf,
  withField,
} from './filter.ts'
import { FilterMenu, type Option } from './filter-menu.tsx'
import { AgeMenu, AssigneeMenu, ScoreMenu } from './filter-menus.tsx'
import classes from './queue.module.css'
import { useCaseCounts } from './use-rows.ts'

interface Given {
  readonly filter: CaseQuery
  readonly setFilter: (filter: CaseQuery) => void
}

/** Those that the server counts; the others have few values, which are known. */
const counted = ['outcome', 'rule', 'campaign', 'merchant', 'channel'] as const
const known = {
  tier: ['device-ip', 'behaviour', 'blacklist'],
  kind: ['claim', 'redemption', 'reversal'],
  verdict: ['fraud', 'legitimate', 'inconclusive'],
} as const

export function FilterBar({ filter, setFilter }: Given) {
  const texts = useTexts()
  const counts = useCaseCounts(filter)
  const menu = (field: SeveralField, options: readonly Option[]) => (
    <FilterMenu
      key={field}
      title={texts.queue.fields[field]}
      options={withHeld(options, valuesOf(filter, field))}
      held={valuesOf(filter, field)}
      toggle={(value) => setFilter(toggleValue(filter, field, value))}
      nameOf={(value) => nameOf(texts, field, value)}
    />
  )
  return (
    <div className={classes.filters}>
      {counted.map((field) => menu(field, counts.data?.[field] ?? []))}
      {menu('tier', optionsOf(known.tier))}
      {menu('kind', optionsOf(known.kind))}
      {filter.state !== 'open' && menu('verdict', optionsOf(known.verdict))}
      <ScoreMenu filter={filter} setFilter={setFilter} />
      <AgeMenu filter={filter} setFilter={setFilter} />
      <AssigneeMenu filter={filter} setFilter={setFilter} options={counts.data?.assignee ?? []} />
      <Chips filter={filter} setFilter={setFilter} />
    </div>
  )
}

const optionsOf = (values: readonly string[]): readonly Option[] =>
  values.map((value) => ({ value, count: null }))

/** What is set stays on offer, even where nothing is left of it. */
function withHeld(options: readonly Option[], held: readonly string[]): readonly Option[] {
  const missing = held.filter((value) => !options.some((option) => option.value === value))
  return [...options, ...missing.map((value) => ({ value, count: 0 }))]
}

/** Fields whose menu says what is set need no chip, unless the value came by the URL. */
function Chips({ filter, setFilter }: Given) {
  const texts = useTexts()
  const format = useFormat()
  const { queue } = texts
  const without = (field: FilterField, value: string): CaseQuery => {
    const several = severalFields.find((one) => one === field)
    return several === undefined
      ? withField(filter, field, undefined)
      : toggleValue(filter, several, value)
  }
  return (
    <>
      {chipsOf(filter).map(([field, value]) => {
        const shown = chipText(texts, format, field, value)
        return (
          <span key={`${field} ${value}`} className={classes.chip}>
            <span className={classes.chipField}>{queue.fields[field as keyof CaseFilter]}</span>
            <Value text={shown} longest={28} />
            <CloseButton
              size="xs"
              aria-label={queue.without(`${queue.fields[field]} ${shown}`)}
              onClick={() => setFilter(without(field, value))}
            />
          </span>
        )
      })}
      {isNarrowed(filter) && (
        <Button
          variant="subtle"
          size="compact-xs"
          onClick={() =>
            setFilter({
              ...(filter.state === undefined ? {} : { state: filter.state }),
              ...(filter.order === undefined ? {} : { order: filter.order }),
            })
          }
        >
          {queue.clear}
        </Button>
      )}
    </>
  )
}

function chipText(texts: Dictionary, format: Format, field: FilterField, value: string): string {
  if (field === 'from' || field === 'to') return format.time(Number(value))
  if (field === 'assignee' && value === 'me') return texts.queue.me
  if (field === 'assignee' && value === 'nobody') return texts.queue.nobody
  if (field === 'secondOpinion') return texts.queue.either
  const several = severalFields.find((one) => one === field)
  return several === undefined ? value : nameOf(texts, several, value)
}

function nameOf({ words }: Dictionary, field: SeveralField, value: string): string {
  if (field === 'rule' || field === 'campaign' || field === 'merchant') return value
  return wordFor(words[field], value)
}
