/** Where a shift begins: what waits for a person. What was blocked already is a filter away. */
export const waitingQueue = '/queue?outcome=review'
