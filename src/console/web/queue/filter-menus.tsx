/** Menus for what is no list of values: score band, age, who has taken it. */
import { Button, Group, Menu, NumberInput, Popover, UnstyledButton } from '@mantine/core'
import { IconCheck, IconChevronDown } from '@tabler/icons-react'
import { type ReactNode, useState } from 'react'
import { now } from '../clock.ts'
import { Value } from '../parts/value.tsx'
import { useFormat, useTexts } from '../shell/settings.tsx'
import { type CaseQuery, withField } from './filter.ts'
import type { Option } from './filter-menu.tsx'
import classes from './queue.module.css'

interface Given {
  readonly filter: CaseQuery
  readonly setFilter: (filter: CaseQuery) => void
}

export function ScoreMenu({ filter, setFilter }: Given) {
  const { scores } = useTexts().queue
  const [isOpen, setOpen] = useState(false)
  const [from, setFrom] = useState<string | number>(filter.scoreMin ?? '')
  const [to, setTo] = useState<string | number>(filter.scoreMax ?? '')
  const apply = () => {
    const low = withField(filter, 'scoreMin', from === '' ? undefined : Number(from))
    setFilter(withField(low, 'scoreMax', to === '' ? undefined : Number(to)))
    setOpen(false)
  }
  const limits = { min: 0, max: 100, w: 84, clampBehavior: 'strict', allowDecimal: false } as const
  const isSet = filter.scoreMin !== undefined || filter.scoreMax !== undefined
  return (
    <Popover position="bottom-start" trapFocus opened={isOpen} onChange={setOpen}>
      <Popover.Target>
        <Opener isSet={isSet} onClick={() => setOpen(!isOpen)}>
          {scores.label}
        </Opener>
      </Popover.Target>
      <Popover.Dropdown aria-label={scores.label}>
        <form
          onSubmit={(event) => {
            event.preventDefault()
            apply()
          }}
        >
          <Group align="flex-end" gap="xs" wrap="nowrap">
            <NumberInput {...limits} label={scores.from} value={from} onChange={setFrom} />
            <NumberInput {...limits} label={scores.to} value={to} onChange={setTo} />
            <Button type="submit">{scores.apply}</Button>
          </Group>
        </form>
      </Popover.Dropdown>
    </Popover>
  )
}

const hour = 3_600_000
const ages = [
  ['hour', 'from', hour],
  ['day', 'from', 24 * hour],
  ['week', 'from', 7 * 24 * hour],
  ['older', 'to', 24 * hour],
] as const

export function AgeMenu({ filter, setFilter }: Given) {
  const { ages: texts } = useTexts().queue
  const { from: _, to: __, ...rest } = filter
  const isSet = filter.from !== undefined || filter.to !== undefined
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <Opener isSet={isSet}>{texts.label}</Opener>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => setFilter(rest)}>{texts.all}</Menu.Item>
        {ages.map(([name, field, length]) => (
          <Menu.Item
            key={name}
            onClick={() => {
              // To the minute, so that an address that is shared stays short and answers are
              // reused.
              const at = Math.floor((now() - length) / 60_000) * 60_000
              setFilter(withField(rest, field, at))
            }}
          >
            {texts[name]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

export function AssigneeMenu(given: Given & { readonly options: readonly Option[] }) {
  const { filter, setFilter } = given
  const { queue } = useTexts()
  const format = useFormat()
  const item = (value: string, label: ReactNode, count: number | null) => (
    <Menu.Item
      key={value}
      leftSection={filter.assignee === value ? <IconCheck size={13} /> : null}
      rightSection={
        count === null ? null : <span className={classes.optionCount}>{format.number(count)}</span>
      }
      onClick={() =>
        setFilter(withField(filter, 'assignee', filter.assignee === value ? undefined : value))
      }
    >
      {label}
    </Menu.Item>
  )
  const isSecond = filter.secondOpinion === 'true'
  return (
    <Menu position="bottom-start" width={230}>
      <Menu.Target>
        <Opener isSet={filter.assignee !== undefined || isSecond}>{queue.fields.assignee}</Opener>
      </Menu.Target>
      <Menu.Dropdown>
        {item('me', queue.me, null)}
        {item('nobody', queue.nobody, null)}
        {given.options.map(({ value, count }) =>
          item(value, <Value text={value} longest={24} />, count),
        )}
        <Menu.Divider />
        <Menu.Item
          leftSection={isSecond ? <IconCheck size={13} /> : null}
          onClick={() =>
            setFilter(withField(filter, 'secondOpinion', isSecond ? undefined : 'true'))
          }
        >
          {queue.secondOpinion}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

interface OpenerGiven extends React.ComponentPropsWithRef<'button'> {
  readonly isSet: boolean
}

/** The button of a menu; passes on what Mantine gives its target. */
function Opener({ isSet, children, ...rest }: OpenerGiven) {
  return (
    <UnstyledButton {...rest} className={`${classes.filter} ${isSet ? classes.set : ''}`}>
      {children}
      <IconChevronDown size={13} aria-hidden />
    </UnstyledButton>
  )
}
