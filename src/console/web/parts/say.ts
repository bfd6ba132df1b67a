/** Short messages that come and go, read out to who cannot see them. */
import { notifications } from '@mantine/notifications'

export const say = (message: string, title?: string): void => {
  notifications.show({ message, ...(title === undefined ? {} : { title }), autoClose: 3_500 })
}

/** Something that was asked was not done. */
export const sayFailed = (title: string, message: string): void => {
  notifications.show({ title, message, color: 'red', autoClose: 9_000 })
}
