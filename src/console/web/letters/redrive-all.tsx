/** Asks before all letters of a reason are sent in again. */
import { Button, Group, Modal, Text } from '@mantine/core'
import { useFormat, useTexts } from '../shell/settings.tsx'
import { useRedrive } from './use-redrive.ts'

export function RedriveAll(given: {
  readonly reason: string
  readonly count: number
  readonly close: () => void
}) {
  const { reason, count, close } = given
  const { registers, shell } = useTexts()
  const texts = registers.letters
  const format = useFormat()
  const redrive = useRedrive()
  return (
    <Modal
      opened
      onClose={close}
      title={texts.redriveAll(reason)}
      closeButtonProps={{ 'aria-label': shell.close }}
    >
      <Text>{texts.confirmAll(format.number(count), reason)}</Text>
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={close}>
          {shell.cancel}
        </Button>
        <Button
          data-autofocus
          loading={redrive.isPending}
          onClick={() => redrive.mutate({ reason }, { onSuccess: close })}
        >
          {texts.redriveOne}
        </Button>
      </Group>
    </Modal>
  )
}
