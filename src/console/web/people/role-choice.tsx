/** Choosing a role, with what each may do. */
import { Radio, Stack } from '@mantine/core'
import type { Role } from '../../api/operation.ts'
import { useTexts } from '../shell/settings.tsx'

const roles = ['viewer', 'reviewer', 'lead', 'administrator'] as const satisfies readonly Role[]

export function RoleChoice(given: { readonly role: Role; readonly setRole: (role: Role) => void }) {
  const { registers, words } = useTexts()
  const texts = registers.people
  return (
    <Radio.Group
      label={texts.role}
      value={given.role}
      onChange={(chosen) => given.setRole(roles.find((one) => one === chosen) ?? 'viewer')}
    >
      <Stack gap={6} mt={4}>
        {roles.map((role) => (
          <Radio
            key={role}
            size="xs"
            value={role}
            label={words.role[role]}
            description={texts.roles[role]}
          />
        ))}
      </Stack>
    </Radio.Group>
  )
}
