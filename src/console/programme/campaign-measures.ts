/**
 * Campaigns under attack, and the measures of a programme (serves: D9): what they are made of is
 * counted per campaign and day; exposures, stock and peaks are what the platform tells, absent
 * where it does not.
 */

import type { Campaign } from '../../core/schema.gen.ts'
import type { Overview } from '../api/programme-shapes.ts'
import type { Queries } from '../database.ts'
import type { ConsoleParts } from '../parts.ts'

type CampaignRow = Overview['campaigns'][number]
type Return = CampaignRow['returns'][number]

const campaignsMax = 20
const currenciesMax = 5
/** A forecast of the stock goes by the claims of this last while. */
const paceMs = 3_600_000
const prefix = 'campaign:'

interface Measured {
  readonly scope: string
  readonly flagged: number
  readonly events: number
  readonly alert: boolean
  readonly claims: number
  readonly redemptions: number
  readonly seconds: number
  readonly second_ms: number
  readonly recent_claims: number
}

export async function campaignsOf(
  { database, engine }: ConsoleParts,
  day: number,
  asOf: number,
): Promise<CampaignRow[]> {
  const rows = await database.query<Measured>(
    `SELECT d.scope, d.flagged, d.events, all_days.*,
       EXISTS (SELECT 1 FROM alerts a WHERE a.scope = d.scope AND a.state = 'raised') AS alert,
       (SELECT coalesce(sum(claims), 0)::bigint FROM scope_points p
        WHERE p.day IN ($1::integer - 1, $1::integer) AND p.scope = d.scope AND p.at > $3::bigint
       ) AS recent_claims
     FROM (SELECT * FROM scope_days WHERE day = $1 AND starts_with(scope, $2)
           ORDER BY flagged DESC, events DESC, scope LIMIT ${campaignsMax}) AS d
     CROSS JOIN LATERAL (
       SELECT sum(claims)::bigint AS claims, sum(redemptions)::bigint AS redemptions,
         sum(seconds)::bigint AS seconds, sum(second_ms)::bigint AS second_ms
       FROM scope_days o WHERE o.scope = d.scope) AS all_days
     ORDER BY d.flagged DESC, d.events DESC, d.scope`,
    [day, prefix, asOf - paceMs],
  )
  const returns = await returnsOf(
    database,
    rows.map(({ scope }) => scope),
  )
  return rows.map((row) => ({
    ...measuresOf(row, engine.campaign(row.scope.slice(prefix.length)), asOf),
    returns: returns.get(row.scope) ?? [],
  }))
}

interface MoneyRow extends Omit<Return, 'ratio'> {
  readonly scope: string
}

/** Of all days that are kept, as the other measures of a campaign. */
async function returnsOf(
  queries: Queries,
  scopes: readonly string[],
): Promise<ReadonlyMap<string, Return[]>> {
  const rows = await queries.query<MoneyRow>(
    `SELECT scope, currency, redemptions, orders, coupons FROM (
       SELECT scope, nullif(currency, '') AS currency, sum(redemptions)::bigint AS redemptions,
         least(sum(orders), ${Number.MAX_SAFE_INTEGER})::bigint AS orders,
         least(sum(coupons), ${Number.MAX_SAFE_INTEGER})::bigint AS coupons,
         row_number() OVER (
           PARTITION BY scope ORDER BY sum(redemptions) DESC, nullif(currency, '')) AS place
       FROM campaign_money WHERE scope = ANY($1::text[]) GROUP BY scope, currency) AS sums
     WHERE place <= ${currenciesMax} ORDER BY scope, place`,
    [scopes],
  )
  const returns = new Map<string, Return[]>()
  for (const { scope, ...money } of rows) {
    const own = returns.get(scope) ?? []
    const { orders, coupons } = money
    own.push({ ...money, ratio: coupons === 0 ? null : orders / coupons })
    returns.set(scope, own)
  }
  return returns
}

/** What is on, or comes first. */
const nextPeakOf = (campaign: Campaign | null, at: number): CampaignRow['nextPeak'] =>
  campaign?.announcedPeaks
    .filter(({ to }) => to > at)
    .reduce<CampaignRow['nextPeak']>(
      (first, { from, to }) => (first !== null && first.from <= from ? first : { from, to }),
      null,
    ) ?? null

function measuresOf(
  row: Measured,
  campaign: Campaign | null,
  asOf: number,
): Omit<CampaignRow, 'returns'> {
  const { claims, redemptions, flagged, events, alert } = row
  const stock = campaign?.stock ?? null
  const exposures = campaign?.exposures ?? null
  const stockLeft = stock === null ? null : Math.max(0, stock - claims)
  const perMs = row.recent_claims / paceMs
  return {
    campaign: row.scope.slice(prefix.length),
    ...{ flagged, events, alert, claims, redemptions, stockLeft },
    claimRate: exposures === null || exposures === 0 ? null : claims / exposures,
    redemptionRate: claims === 0 ? null : redemptions / claims,
    secondRedemptionMs: row.seconds === 0 ? null : Math.round(row.second_ms / row.seconds),
    stockEndsAt:
      stockLeft === null || perMs === 0
        ? null
        : Math.round(asOf + Math.min(stockLeft / perMs, 1e12)),
    nextPeak: nextPeakOf(campaign, asOf),
  }
}
