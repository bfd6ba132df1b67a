/** Scopes as the API has them, `campaign/c1`, and as the core does, `campaign:c1`. */

export const shownScope = (scope: string): string => scope.replace(':', '/')
export const coreScope = (scope: string): string =>
  scope.includes(':') ? scope : scope.replace('/', ':')
