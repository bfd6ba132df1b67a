/** Putting something on a list. */
import { Button, Group, Modal, Select, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { SentBody } from '../../api/operations.ts'
import { useApi } from '../api/use-api.tsx'
import { type Expiry, expiresAt, expiries } from '../case/blocking.ts'
import { now } from '../clock.ts'
import { letRun } from '../live/let-run.ts'
import { say } from '../parts/say.ts'
import { errorText } from '../parts/states.tsx'
import { useTexts } from '../shell/settings.tsx'
import { kinds, listNames } from './kinds.ts'

type Body = SentBody<'addEntry'>
interface Typed {
  readonly list: Body['list']
  readonly kind: Body['kind']
  readonly value: string
  readonly note: string
  readonly expiry: Expiry
}
const first: Typed = { list: 'block', kind: 'device', value: '', note: '', expiry: 'month' }

export function AddEntry({ close }: { readonly close: () => void }) {
  const { registers, shell } = useTexts()
  const texts = registers.lists
  const [typed, setTyped] = useState(first)
  const add = useAdd(close)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (typed.value.trim() !== '') add.mutate(typed)
  }
  const set = (change: Partial<Typed>) => setTyped((before) => ({ ...before, ...change }))
  return (
    <Modal
      opened
      onClose={close}
      title={texts.add}
      closeButtonProps={{ 'aria-label': shell.close }}
    >
      <form onSubmit={submit}>
        <Stack>
          <Choices typed={typed} set={set} />
          <TextInput
            label={texts.value}
            description={texts.valueHint[typed.kind]}
            maxLength={200}
            required
            withAsterisk={false}
            data-autofocus
            value={typed.value}
            onChange={(event) => set({ value: event.currentTarget.value })}
          />
          <TextInput
            label={texts.note}
            maxLength={500}
            value={typed.note}
            onChange={(event) => set({ note: event.currentTarget.value })}
          />
          {add.isError && (
            <Text c="red" role="alert">
              {errorText(add.error, shell.state)}
            </Text>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {shell.cancel}
            </Button>
            <Button type="submit" disabled={typed.value.trim() === ''} loading={add.isPending}>
              {texts.add}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

function Choices(given: { readonly typed: Typed; readonly set: (change: Partial<Typed>) => void }) {
  const { typed, set } = given
  const { registers, words, case: texts } = useTexts()
  return (
    <Group grow>
      <Select
        label={registers.lists.list}
        allowDeselect={false}
        value={typed.list}
        onChange={(chosen) => set({ list: listNames.find((one) => one === chosen) ?? 'block' })}
        data={listNames.map((value) => ({ value, label: words.list[value] }))}
      />
      <Select
        label={registers.lists.kind}
        allowDeselect={false}
        value={typed.kind}
        onChange={(chosen) => set({ kind: kinds.find((one) => one === chosen) ?? 'device' })}
        data={kinds.map((value) => ({ value, label: words.entity[value] }))}
      />
      <Select
        label={registers.lists.expiresIn}
        allowDeselect={false}
        value={typed.expiry}
        onChange={(chosen) => set({ expiry: expiries.find((one) => one === chosen) ?? 'month' })}
        data={expiries.map((value) => ({ value, label: texts.verdict.expiries[value] }))}
      />
    </Group>
  )
}

function useAdd(close: () => void) {
  const api = useApi()
  const queries = useQueryClient()
  const { registers } = useTexts()
  return useMutation({
    mutationFn: ({ list, kind, value, note, expiry }: Typed) =>
      api.call('addEntry', {
        body: {
          list,
          kind,
          value: value.trim(),
          expiresAt: expiresAt(expiry, now()),
          ...(note.trim() === '' ? {} : { note: note.trim() }),
        },
      }),
    onSuccess: ({ value }) => {
      say(registers.lists.addedNow(value))
      letRun(queries.invalidateQueries({ queryKey: ['entries'] }))
      close()
    },
  })
}
