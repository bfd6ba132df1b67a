/** Who may use the console, and which programs. */
import { Badge, Button } from '@mantine/core'
import { IconUserPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { keys } from '../api/keys.ts'
import { useApi, useMay } from '../api/use-api.tsx'
import { now } from '../clock.ts'
import type { Column } from '../parts/register.tsx'
import { RegisterPage } from '../parts/register-page.tsx'
import { Value } from '../parts/value.tsx'
import { useFormat, useTexts } from '../shell/settings.tsx'
import { AddPerson } from './add-person.tsx'
import { ChangePerson } from './change-person.tsx'
import type { PersonRow } from './person-row.ts'
import { Tokens } from './tokens.tsx'

export function PeopleScreen() {
  const { registers } = useTexts()
  const texts = registers.people
  const api = useApi()
  const isAdministrator = useMay('administrator')
  const [isAdding, setAdding] = useState(false)
  const [changing, setChanging] = useState<PersonRow | null>(null)
  const query = useQuery({
    queryKey: keys.people,
    queryFn: ({ signal }) => api.call('listPeople', {}, signal),
  })
  return (
    <RegisterPage
      title={texts.title}
      actions={
        isAdministrator && (
          <Button leftSection={<IconUserPlus size={15} />} onClick={() => setAdding(true)}>
            {texts.add}
          </Button>
        )
      }
      found={{ query, rows: query.data?.rows ?? [], more: null }}
      columns={useColumns()}
      keyOf={({ name }) => name}
      open={isAdministrator ? setChanging : undefined}
      lines={8}
      isShort
    >
      {isAdministrator && <Tokens />}
      {isAdding && <AddPerson close={() => setAdding(false)} />}
      {changing !== null && (
        <ChangePerson key={changing.name} person={changing} close={() => setChanging(null)} />
      )}
    </RegisterPage>
  )
}

function useColumns(): readonly Column<PersonRow>[] {
  const { registers, words, shell } = useTexts()
  const texts = registers.people
  const format = useFormat()
  return [
    { title: texts.name, isWide: true, cell: ({ name }) => <Value text={name} longest={60} /> },
    { title: texts.role, cell: ({ role }) => words.role[role] },
    { title: texts.state, cell: (person) => <PersonState person={person} /> },
    { title: texts.decided, isNumber: true, cell: ({ decided }) => format.number(decided) },
    {
      title: texts.seen,
      cell: ({ lastSeenAt }) => (lastSeenAt === null ? shell.never : format.ago(lastSeenAt, now())),
    },
    { title: texts.since, cell: ({ createdAt }) => format.day(createdAt) },
  ]
}

function PersonState({ person }: { readonly person: PersonRow }) {
  const { registers } = useTexts()
  const texts = registers.people
  const format = useFormat()
  if (person.isDisabled) return texts.disabled
  if (person.lockedUntil !== null && person.lockedUntil > now())
    return <Badge color="orange">{texts.locked(format.clock(person.lockedUntil))}</Badge>
  return texts.active
}
