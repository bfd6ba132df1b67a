/** The ways a command ends. Anything else that is thrown is a defect and may show its stack. */

export const exitCodes = { success: 0, fatal: 1, usage: 2, tooManyRejects: 3 } as const

/** One line for a person: what, where, what to do. Ends the command with `code`. */
export class CommandError extends Error {
  readonly code: number
  constructor(message: string, code: number = exitCodes.fatal, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}

export const usageError = (message: string) => new CommandError(message, exitCodes.usage)
