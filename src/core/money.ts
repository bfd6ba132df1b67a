/** Sums of money, each in its own currency. */

/** Money in minor units by currency. */
export type Money = Record<string, number>

/**
 * Whose sum an amount goes into: its currency's, or `unknown` where that is no code of three
 * letters. An event may name anything, and so as many sums as there are events.
 */
export const currencyUnit = (currency: string | null): string =>
  currency !== null && /^[a-z]{3}$/i.test(currency) ? currency.toUpperCase() : 'unknown'
