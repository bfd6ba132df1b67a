/** Compares secrets in a time that tells nothing of where they differ. */
import { createHash, timingSafeEqual } from 'node:crypto'

const digest = (text: string) => createHash('sha256').update(text).digest()

export const isSame = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b))
