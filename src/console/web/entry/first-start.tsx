/** The first administrator, made with the code that the terminal shows. */
import { Button, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { ApiError } from '../api/call.ts'
import { useApi } from '../api/use-api.tsx'
import { PasswordField } from '../parts/password-field.tsx'
import { errorText } from '../parts/states.tsx'
import { passwordShortest } from '../shell/password-dialog.tsx'
import { useTexts } from '../shell/settings.tsx'
import classes from './entry.module.css'
import { useEntered } from './use-entered.ts'

export function FirstStart() {
  const { shell, entry } = useTexts()
  const { first } = entry
  const api = useApi()
  const entered = useEntered()
  const [typed, setTyped] = useState({ code: '', name: '', password: '' })
  const begin = useMutation({
    mutationFn: () => api.call('firstStart', { body: { ...typed, code: typed.code.trim() } }),
    onSuccess: entered,
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    begin.mutate()
  }
  const set = (field: keyof typeof typed) => (event: { currentTarget: { value: string } }) => {
    const { value } = event.currentTarget
    setTyped((before) => ({ ...before, [field]: value }))
  }
  const refused = begin.error instanceof ApiError && [401, 403].includes(begin.error.status)
  const field = { size: 'sm', required: true, withAsterisk: false } as const
  return (
    <form onSubmit={submit} className={classes.form}>
      <TextInput
        {...field}
        label={first.code}
        description={first.codeHint}
        autoComplete="one-time-code"
        autoFocus
        value={typed.code}
        onChange={set('code')}
      />
      <TextInput
        {...field}
        label={first.name}
        description={first.nameHint}
        autoComplete="username"
        maxLength={60}
        value={typed.name}
        onChange={set('name')}
      />
      <PasswordField
        {...field}
        label={entry.password}
        description={shell.password.rule}
        autoComplete="new-password"
        minLength={passwordShortest}
        value={typed.password}
        onChange={set('password')}
      />
      {begin.isError && (
        <p className={classes.error} role="alert">
          {refused ? first.wrong : errorText(begin.error, shell.state)}
        </p>
      )}
      <Button type="submit" size="sm" loading={begin.isPending}>
        {first.submit}
      </Button>
    </form>
  )
}
