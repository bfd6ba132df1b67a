/** How `npm run chaos` ends beside 0, all well, and 1, something is wrong. */

/** Its servers cannot be had on this machine. */
export const chaosNotRun = 4
