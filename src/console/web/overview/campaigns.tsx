/** Campaigns, those under attack first, with the programme's own measures. */
import { IconBellRinging } from '@tabler/icons-react'
import { Link } from 'react-router'
import type { Overview } from '../../api/programme-shapes.ts'
import { Card } from '../parts/page.tsx'
import { Value } from '../parts/value.tsx'
import { useFormat, useTexts } from '../shell/settings.tsx'
import classes from './overview.module.css'
import { spanText } from './peak-notice.tsx'

type Campaign = Overview['campaigns'][number]

export function Campaigns({ campaigns }: { readonly campaigns: Overview['campaigns'] }) {
  const { alerts, peaks } = useTexts()
  const texts = alerts.overview
  const heads = [
    texts.flagged,
    texts.claimRate,
    texts.redemptionRate,
    texts.second,
    peaks.ratio,
    texts.stock,
  ] as const
  return (
    <Card title={texts.campaigns}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">{texts.campaign}</th>
            {heads.map((head) => (
              <th key={head} scope="col" className={classes.number}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {campaigns.map((campaign) => (
            <CampaignRow key={campaign.campaign} campaign={campaign} />
          ))}
        </tbody>
      </table>
    </Card>
  )
}

function CampaignRow({ campaign }: { readonly campaign: Campaign }) {
  const { alerts, peaks } = useTexts()
  const texts = alerts.overview
  const format = useFormat()
  const rate = (value: number | null) => (value === null ? '–' : format.percent(value))
  const { stockLeft, stockEndsAt, secondRedemptionMs, nextPeak } = campaign
  const peak =
    nextPeak === null ? undefined : peaks.next(spanText(format, nextPeak.from, nextPeak.to))
  return (
    <tr>
      <td className={classes.wide}>
        <Link to={`/queue?campaign=${encodeURIComponent(campaign.campaign)}`}>
          <Value text={campaign.campaign} longest={30} />
        </Link>
        {campaign.alert && (
          <span className={classes.attacked}>
            <IconBellRinging size={12} aria-hidden />
            {texts.attacked}
          </span>
        )}
        {peak !== undefined && (
          <div className={classes.peak} title={peak}>
            {peak}
          </div>
        )}
      </td>
      <td className={classes.number}>
        {format.number(campaign.flagged)}
        <span className={classes.soft}> / {format.number(campaign.events)}</span>
      </td>
      <td className={classes.number}>
        {rate(campaign.claimRate)}
        <div className={classes.soft}>{peaks.issued(format.number(campaign.claims))}</div>
      </td>
      <td className={classes.number}>{rate(campaign.redemptionRate)}</td>
      <td className={classes.number}>
        {secondRedemptionMs === null ? '–' : format.span(secondRedemptionMs)}
      </td>
      <td className={classes.number}>
        <Returns returns={campaign.returns} />
      </td>
      <td
        className={classes.number}
        title={stockEndsAt === null ? undefined : texts.stockEnds(format.time(stockEndsAt))}
      >
        {stockLeft === null ? '–' : format.number(stockLeft)}
        {stockEndsAt !== null && (
          <div className={classes.soft}>{texts.stockEnds(format.day(stockEndsAt))}</div>
        )}
      </td>
    </tr>
  )
}

/** The currency of most redemptions first; that of a single one is in the title alone. */
function Returns({ returns }: Pick<Campaign, 'returns'>) {
  const { peaks } = useTexts()
  const format = useFormat()
  if (returns.length === 0) return '–'
  return returns.map(({ currency, redemptions, orders, coupons, ratio }, at) => (
    <div
      key={currency ?? ''}
      className={at === 0 ? undefined : classes.soft}
      title={peaks.ratioOf(
        format.money(orders, currency),
        format.money(coupons, currency),
        format.number(redemptions),
      )}
    >
      {returns.length > 1 && `${currency ?? '?'} `}
      {ratio === null ? '–' : format.measure(Math.round(ratio * 100) / 100)}
    </div>
  ))
}
