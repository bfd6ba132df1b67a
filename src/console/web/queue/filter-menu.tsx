/**
 * A menu of values to tick, with how many cases each would leave; searchable where there are many.
 */
import { Popover, TextInput, UnstyledButton } from '@mantine/core'
import { IconChevronDown } from '@tabler/icons-react'
import { useState } from 'react'
import { Value } from '../parts/value.tsx'
import { useFormat, useTexts } from '../shell/settings.tsx'
import classes from './queue.module.css'

export interface Option {
  readonly value: string
  /** Null where it is not counted. */
  readonly count: number | null
}

interface Given {
  readonly title: string
  readonly options: readonly Option[]
  readonly held: readonly string[]
  readonly toggle: (value: string) => void
  readonly nameOf: (value: string) => string
}

const searchFrom = 9

export function FilterMenu(given: Given) {
  const { title, held, options } = given
  if (options.length === 0) return null
  return (
    <Popover position="bottom-start" width={290} trapFocus>
      <Popover.Target>
        <UnstyledButton className={`${classes.filter} ${held.length > 0 ? classes.set : ''}`}>
          {held.length > 0 ? `${title} · ${held.length}` : title}
          <IconChevronDown size={13} aria-hidden />
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown p="xs" aria-label={title}>
        <Options {...given} />
      </Popover.Dropdown>
    </Popover>
  )
}

function Options({ title, options, held, toggle, nameOf }: Given) {
  const { queue, shell } = useTexts()
  const format = useFormat()
  const [text, setText] = useState('')
  const wanted = text.trim().toLowerCase()
  const shown = options.filter(
    ({ value }) =>
      value.toLowerCase().includes(wanted) || nameOf(value).toLowerCase().includes(wanted),
  )
  return (
    <>
      {options.length >= searchFrom && (
        <TextInput
          aria-label={`${queue.fields.search}: ${title}`}
          placeholder={queue.fields.search}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      )}
      <div className={classes.options} role="group" aria-label={title}>
        {shown.length === 0 && <span className={classes.optionCount}>{shell.none}</span>}
        {shown.map(({ value, count }) => (
          <label key={value} className={classes.option}>
            <input type="checkbox" checked={held.includes(value)} onChange={() => toggle(value)} />
            <span className={classes.optionText}>
              <Value text={nameOf(value)} longest={34} />
            </span>
            {count !== null && <span className={classes.optionCount}>{format.number(count)}</span>}
          </label>
        ))}
      </div>
    </>
  )
}
