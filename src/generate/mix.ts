/**
 * The kinds of dishonest actor, and how a mix file shares the dishonest events among them. Eight
 * make up a usual run. The kinds kept back take part only where a mix file names them: the first
 * two were written after the rules and without a look at them, to see what becomes of an actor that
 * nobody had in mind, the third beside the rules about refunds. Where the third takes part, honest
 * people have refunds too. New kinds go at the end: a kind draws from the stream that its place
 * gives it.
 */

export const usualKinds = [
  'device-farm',
  'proxy-pool',
  'one-ip-batch',
  'clockwork-script',
  'code-walker',
  'gift-ring',
  'stolen-code',
  'cash-out-merchant',
] as const
export const keptBackKinds = ['account-takeover', 'top-up-mule', 'refund-abuser'] as const
export const actorKinds = [...usualKinds, ...keptBackKinds] as const
export type ActorKind = (typeof actorKinds)[number]

/** Relative shares; 0 leaves a kind out. */
export type Mix = Readonly<Record<ActorKind, number>>

export const defaultMix: Mix = {
  'device-farm': 18,
  'proxy-pool': 14,
  'one-ip-batch': 13,
  'clockwork-script': 10,
  'code-walker': 10,
  'gift-ring': 12,
  'stolen-code': 10,
  'cash-out-merchant': 13,
  'account-takeover': 0,
  'top-up-mule': 0,
  'refund-abuser': 0,
}

export type MixResult = { readonly mix: Mix } | { readonly problem: string }

const isKind = (name: string): name is ActorKind => actorKinds.some((kind) => kind === name)

/** A parsed mix file → shares. Kinds that it does not name keep their default share. */
export function readMix(content: unknown): MixResult {
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    return { problem: 'it must map kinds of actor to shares, such as `device-farm: 1`' }
  }
  const mix: Record<ActorKind, number> = { ...defaultMix }
  for (const [name, share] of Object.entries(content)) {
    if (!isKind(name)) {
      return { problem: `unknown kind "${name}"; the kinds are ${actorKinds.join(', ')}` }
    }
    if (typeof share !== 'number' || !Number.isFinite(share) || share < 0) {
      return { problem: `the share of ${name} must be a number of at least 0` }
    }
    mix[name] = share
  }
  const total = actorKinds.reduce((sum, kind) => sum + mix[kind], 0)
  return total > 0 ? { mix } : { problem: 'at least one kind must have a share above 0' }
}
