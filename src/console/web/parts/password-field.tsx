/** A field for a password, whose button that shows it says so in the page's language. */
import { PasswordInput, type PasswordInputProps } from '@mantine/core'
import { useTexts } from '../shell/settings.tsx'

export function PasswordField(given: PasswordInputProps) {
  const { password } = useTexts().shell
  return <PasswordInput {...given} visibilityToggleButtonProps={{ 'aria-label': password.show }} />
}
