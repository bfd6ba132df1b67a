/**
 * What the rows of a register are narrowed by: a text, or one of a few words. Where nothing is
 * asked for the value is undefined, which no address and no name of an answer has in it.
 */
import { Select, TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useRef } from 'react'
import { useKeys } from '../keys/use-keys.tsx'

interface Given<Value extends string> {
  readonly label: string
  /** Pixels. */
  readonly width: number
  readonly value: Value | undefined
  readonly set: (value: Value | undefined) => void
}

interface GivenText extends Given<string> {
  /** Characters. */
  readonly longest?: number
  /** The key for searching leads here: one at most on a screen. */
  readonly hasKey?: boolean
  /** It finds parts of a text, not only the whole. */
  readonly isSearch?: boolean
}

export function TextFilter(given: GivenText) {
  const field = useRef<HTMLInputElement>(null)
  useKeys(given.hasKey === true ? { search: () => field.current?.focus() } : {})
  return (
    <TextInput
      ref={field}
      w={given.width}
      maxLength={given.longest ?? 200}
      aria-label={given.label}
      placeholder={given.label}
      leftSection={given.isSearch === true ? <IconSearch size={14} aria-hidden /> : undefined}
      value={given.value ?? ''}
      onChange={({ currentTarget: { value } }) => given.set(value === '' ? undefined : value)}
    />
  )
}

interface GivenChoice<Value extends string> extends Given<Value> {
  /** What is said where all are shown. */
  readonly all: string
  readonly values: readonly Value[]
  readonly words: (value: Value) => string
  /** Words can be typed to find one of many. */
  readonly isLong?: boolean
}

export function ChoiceFilter<Value extends string>(given: GivenChoice<Value>) {
  const { values, words } = given
  return (
    <Select
      w={given.width}
      aria-label={given.label}
      allowDeselect={false}
      searchable={given.isLong === true}
      value={given.value ?? ''}
      onChange={(chosen) => given.set(values.find((one) => one === chosen))}
      data={[
        { value: '', label: given.all },
        ...values.map((value) => ({ value, label: words(value) })),
      ]}
    />
  )
}
