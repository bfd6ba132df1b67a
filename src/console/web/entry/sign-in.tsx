/** Name and password. */
import { Button, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { ApiError } from '../api/call.ts'
import { useApi } from '../api/use-api.tsx'
import { PasswordField } from '../parts/password-field.tsx'
import { errorText } from '../parts/states.tsx'
import { useTexts } from '../shell/settings.tsx'
import classes from './entry.module.css'
import { useEntered } from './use-entered.ts'

export function SignIn() {
  const { shell, entry } = useTexts()
  const api = useApi()
  const entered = useEntered()
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const signIn = useMutation({
    mutationFn: () => api.call('signIn', { body: { name, password } }),
    onSuccess: entered,
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    signIn.mutate()
  }
  return (
    <form onSubmit={submit} className={classes.form}>
      <TextInput
        size="sm"
        label={entry.name}
        autoComplete="username"
        autoFocus
        required
        withAsterisk={false}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <PasswordField
        label={entry.password}
        autoComplete="current-password"
        required
        withAsterisk={false}
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      {signIn.isError && (
        <p className={classes.error} role="alert">
          {refusalText(signIn.error, entry) ?? errorText(signIn.error, shell.state)}
        </p>
      )}
      <Button type="submit" size="sm" loading={signIn.isPending}>
        {entry.submit}
      </Button>
    </form>
  )
}

function refusalText(
  error: unknown,
  texts: { readonly wrong: string; readonly locked: string },
): string | null {
  if (!(error instanceof ApiError)) return null
  if (error.status === 401) return texts.wrong
  return error.status === 429 || error.status === 423 ? texts.locked : null
}
