/** The lists there are, and the kinds of entities that can be on them. */
export const listNames = ['block', 'allow', 'watch'] as const
export const kinds = ['user', 'device', 'ip', 'phone', 'code', 'referrer'] as const
