/** The one clock of the page: every other file takes the time from here or as an argument. */

/** Milliseconds since 1970. */
export const now = (): number => Date.now()
