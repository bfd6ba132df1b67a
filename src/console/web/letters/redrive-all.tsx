/** Asks before all letters of a reason are sent in again. */
import { Button, Group, Modal, Text } from '@mantine/core'
import { useFormat, useTexts } from '../shell/settings.tsx'
import { wordFor } from '../texts/words.ts'
import { useRedrive } from './use-redrive.ts'

export function RedriveAll(given: {
  readonly reason: string
  readonly count: number
  readonly close: () => void
}) {
  const { reason, count, close } = given
  const { registers, shell, words } = useTexts()
  const texts = registers.letters
  const format = useFormat()
  const word = wordFor(words.rejection, reason)
  const redrive = useRedrive()
  return (
    <Modal
      opened
      onClose={close}
      title={texts.redriveAll(word)}
      closeButtonProps={{ 'aria-label': shell.close }}
    >
      <Text>{texts.confirmAll(format.number(count), word)}</Text>
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
