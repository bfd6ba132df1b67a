/**
 * What is known of the world besides the events: every word of it ends up in a decision's inputs.
 */
import type {
  AddressFacts,
  CampaignFacts,
  Event,
  ListMatch,
  SwitchState,
} from './core/schema.gen.ts'

export interface Facts {
  /** Entries of lists that an event meets at a record time. */
  lists(event: Event, at: number): readonly ListMatch[]
  /** Null without an address or without a feed. */
  address(ip: string | null): AddressFacts | null
  /** Null where the campaign is not known. */
  campaign(event: Event): CampaignFacts | null
  switchState(): SwitchState
}

/** Nothing is known. */
export const noFacts: Facts = {
  lists: () => [],
  address: () => null,
  campaign: () => null,
  switchState: () => 'none',
}
