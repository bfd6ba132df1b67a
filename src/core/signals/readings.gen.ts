// Made from src/core/signals/readings.ts by scripts/generate-types.ts; do not edit.

import type { UserReadings, DeviceReadings, IpReadings, SubnetReadings, CodeReadings, PhoneReadings, SenderReadings, ReturnedReadings } from '../schema.gen.ts'

const orNull = (value: number) => (Number.isNaN(value) ? null : value)

export function makeUserReadings(v: Float64Array, cutAt: number | null): UserReadings {
  return {
    cutAt,
    claims_1h: v[0]! | 0,
    claims_1d: v[1]! | 0,
    claims_7d: v[2]! | 0,
    redemptions_1h: v[3]! | 0,
    redemptions_1d: v[4]! | 0,
    redemptions_7d: v[5]! | 0,
    devices_1d: v[6]! | 0,
    devices_7d: v[7]! | 0,
    ips_1d: v[8]! | 0,
    ips_7d: v[9]! | 0,
    amount_1d: v[10]!,
    amount_day: v[11]!,
    small_top_ups_1h: v[12]! | 0,
    small_top_ups_1d: v[13]! | 0,
    gifts_1d: v[14]! | 0,
    failed_1h: v[15]! | 0,
    failed_1d: v[16]! | 0,
    code_steps_1h: orNull(v[17]!),
    gap_cv_1d: orNull(v[18]!),
    gap_mean_1d: orNull(v[19]!),
    claim_age_45d: orNull(v[20]!),
    claim_distance_45d: orNull(v[21]!),
    claim_same_device_45d: orNull(v[22]!),
    reversals_7d: v[23]! | 0,
    reversals_45d: v[24]! | 0,
    redemptions_45d: orNull(v[25]!),
  }
}

export function fillUserReadings(r: UserReadings, out: Float64Array, at: number): void {
  out[at] = r.claims_1h
  out[at + 1] = r.claims_1d
  out[at + 2] = r.claims_7d
  out[at + 3] = r.redemptions_1h
  out[at + 4] = r.redemptions_1d
  out[at + 5] = r.redemptions_7d
  out[at + 6] = r.devices_1d
  out[at + 7] = r.devices_7d
  out[at + 8] = r.ips_1d
  out[at + 9] = r.ips_7d
  out[at + 10] = r.amount_1d
  out[at + 11] = r.amount_day
  out[at + 12] = r.small_top_ups_1h
  out[at + 13] = r.small_top_ups_1d
  out[at + 14] = r.gifts_1d
  out[at + 15] = r.failed_1h
  out[at + 16] = r.failed_1d
  out[at + 17] = r.code_steps_1h ?? Number.NaN
  out[at + 18] = r.gap_cv_1d ?? Number.NaN
  out[at + 19] = r.gap_mean_1d ?? Number.NaN
  out[at + 20] = r.claim_age_45d ?? Number.NaN
  out[at + 21] = r.claim_distance_45d ?? Number.NaN
  out[at + 22] = r.claim_same_device_45d ?? Number.NaN
  out[at + 23] = r.reversals_7d
  out[at + 24] = r.reversals_45d
  out[at + 25] = r.redemptions_45d ?? Number.NaN
}

export function makeDeviceReadings(v: Float64Array, cutAt: number | null): DeviceReadings {
  return {
    cutAt,
    claims_10s: v[0]! | 0,
    claims_1h: v[1]! | 0,
    claims_1d: v[2]! | 0,
    claims_7d: v[3]! | 0,
    redemptions_1d: v[4]! | 0,
    users_1h: v[5]! | 0,
    users_1d: v[6]! | 0,
    users_7d: v[7]! | 0,
    fresh_users_1d: v[8]! | 0,
    fresh_users_7d: v[9]! | 0,
    ips_1d: v[10]! | 0,
    failed_1h: v[11]! | 0,
    code_steps_1h: orNull(v[12]!),
    gap_cv_1d: orNull(v[13]!),
    gap_mean_1d: orNull(v[14]!),
  }
}

export function fillDeviceReadings(r: DeviceReadings, out: Float64Array, at: number): void {
  out[at] = r.claims_10s
  out[at + 1] = r.claims_1h
  out[at + 2] = r.claims_1d
  out[at + 3] = r.claims_7d
  out[at + 4] = r.redemptions_1d
  out[at + 5] = r.users_1h
  out[at + 6] = r.users_1d
  out[at + 7] = r.users_7d
  out[at + 8] = r.fresh_users_1d
  out[at + 9] = r.fresh_users_7d
  out[at + 10] = r.ips_1d
  out[at + 11] = r.failed_1h
  out[at + 12] = r.code_steps_1h ?? Number.NaN
  out[at + 13] = r.gap_cv_1d ?? Number.NaN
  out[at + 14] = r.gap_mean_1d ?? Number.NaN
}

export function makeIpReadings(v: Float64Array, cutAt: number | null): IpReadings {
  return {
    cutAt,
    events_1m: v[0]! | 0,
    events_1h: v[1]! | 0,
    events_1d: v[2]! | 0,
    users_1m: v[3]! | 0,
    users_1h: v[4]! | 0,
    users_1d: v[5]! | 0,
    devices_1m: v[6]! | 0,
    devices_1h: v[7]! | 0,
    devices_1d: v[8]! | 0,
    claims_10s: v[9]! | 0,
    fresh_users_1h: v[10]! | 0,
    fresh_users_1d: v[11]! | 0,
    failed_1h: v[12]! | 0,
    code_steps_1h: orNull(v[13]!),
    gap_cv_1d: orNull(v[14]!),
    gap_mean_1d: orNull(v[15]!),
  }
}

export function fillIpReadings(r: IpReadings, out: Float64Array, at: number): void {
  out[at] = r.events_1m
  out[at + 1] = r.events_1h
  out[at + 2] = r.events_1d
  out[at + 3] = r.users_1m
  out[at + 4] = r.users_1h
  out[at + 5] = r.users_1d
  out[at + 6] = r.devices_1m
  out[at + 7] = r.devices_1h
  out[at + 8] = r.devices_1d
  out[at + 9] = r.claims_10s
  out[at + 10] = r.fresh_users_1h
  out[at + 11] = r.fresh_users_1d
  out[at + 12] = r.failed_1h
  out[at + 13] = r.code_steps_1h ?? Number.NaN
  out[at + 14] = r.gap_cv_1d ?? Number.NaN
  out[at + 15] = r.gap_mean_1d ?? Number.NaN
}

export function makeSubnetReadings(v: Float64Array, cutAt: number | null): SubnetReadings {
  return {
    cutAt,
    events_1m: v[0]! | 0,
    events_1h: v[1]! | 0,
    events_1d: v[2]! | 0,
    users_1m: v[3]! | 0,
    users_1h: v[4]! | 0,
    users_1d: v[5]! | 0,
    devices_1m: v[6]! | 0,
    devices_1h: v[7]! | 0,
    devices_1d: v[8]! | 0,
    claims_10s: v[9]! | 0,
    fresh_users_1h: v[10]! | 0,
    fresh_users_1d: v[11]! | 0,
    failed_1h: v[12]! | 0,
    code_steps_1h: orNull(v[13]!),
  }
}

export function fillSubnetReadings(r: SubnetReadings, out: Float64Array, at: number): void {
  out[at] = r.events_1m
  out[at + 1] = r.events_1h
  out[at + 2] = r.events_1d
  out[at + 3] = r.users_1m
  out[at + 4] = r.users_1h
  out[at + 5] = r.users_1d
  out[at + 6] = r.devices_1m
  out[at + 7] = r.devices_1h
  out[at + 8] = r.devices_1d
  out[at + 9] = r.claims_10s
  out[at + 10] = r.fresh_users_1h
  out[at + 11] = r.fresh_users_1d
  out[at + 12] = r.failed_1h
  out[at + 13] = r.code_steps_1h ?? Number.NaN
}

export function makeCodeReadings(v: Float64Array, cutAt: number | null): CodeReadings {
  return {
    cutAt,
    uses_45d: v[0]! | 0,
    users_45d: v[1]! | 0,
    devices_45d: v[2]! | 0,
    failed_1d: v[3]! | 0,
    claim_age_45d: orNull(v[4]!),
    claim_distance_45d: orNull(v[5]!),
    claim_same_device_45d: orNull(v[6]!),
    claim_same_user_45d: orNull(v[7]!),
    reversals_45d: v[8]! | 0,
  }
}

export function fillCodeReadings(r: CodeReadings, out: Float64Array, at: number): void {
  out[at] = r.uses_45d
  out[at + 1] = r.users_45d
  out[at + 2] = r.devices_45d
  out[at + 3] = r.failed_1d
  out[at + 4] = r.claim_age_45d ?? Number.NaN
  out[at + 5] = r.claim_distance_45d ?? Number.NaN
  out[at + 6] = r.claim_same_device_45d ?? Number.NaN
  out[at + 7] = r.claim_same_user_45d ?? Number.NaN
  out[at + 8] = r.reversals_45d
}

export function makePhoneReadings(v: Float64Array, cutAt: number | null): PhoneReadings {
  return {
    cutAt,
    top_ups_1d: v[0]! | 0,
    top_ups_7d: v[1]! | 0,
    users_1d: v[2]! | 0,
    users_7d: v[3]! | 0,
  }
}

export function fillPhoneReadings(r: PhoneReadings, out: Float64Array, at: number): void {
  out[at] = r.top_ups_1d
  out[at + 1] = r.top_ups_7d
  out[at + 2] = r.users_1d
  out[at + 3] = r.users_7d
}

export function makeSenderReadings(v: Float64Array, cutAt: number | null): SenderReadings {
  return {
    cutAt,
    gifts_day: v[0]! | 0,
    gifts_1h: v[1]! | 0,
    recipients_1d: v[2]! | 0,
    recipients_7d: v[3]! | 0,
  }
}

export function fillSenderReadings(r: SenderReadings, out: Float64Array, at: number): void {
  out[at] = r.gifts_day
  out[at + 1] = r.gifts_1h
  out[at + 2] = r.recipients_1d
  out[at + 3] = r.recipients_7d
}

export function makeReturnedReadings(v: Float64Array, cutAt: number | null): ReturnedReadings {
  return {
    cutAt,
    gifts_7d: v[0]! | 0,
  }
}

export function fillReturnedReadings(r: ReturnedReadings, out: Float64Array, at: number): void {
  out[at] = r.gifts_7d
}
