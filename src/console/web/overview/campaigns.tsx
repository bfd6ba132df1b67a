/** Campaigns, those under attack first, with the programme's own measures. */
import { IconBellRinging } from '@tabler/icons-react'
import { Link } from 'react-router'
import type { Overview } from '../../api/programme-shapes.ts'
import { Card } from '../parts/page.tsx'
import { Value } from '../parts/value.tsx'
import { useFormat, useTexts } from '../shell/settings.tsx'
import classes from './overview.module.css'

type Campaign = Overview['campaigns'][number]

export function Campaigns({ campaigns }: { readonly campaigns: Overview['campaigns'] }) {
  const texts = useTexts().alerts.overview
  const heads = [
    texts.flagged,
    texts.claimRate,
    texts.redemptionRate,
    texts.second,
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
  const texts = useTexts().alerts.overview
  const format = useFormat()
  const rate = (value: number | null) => (value === null ? '–' : format.percent(value))
  const { stockLeft, stockEndsAt, secondRedemptionMs } = campaign
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
      </td>
      <td className={classes.number}>
        {format.number(campaign.flagged)}
        <span className={classes.soft}> / {format.number(campaign.events)}</span>
      </td>
      <td className={classes.number}>{rate(campaign.claimRate)}</td>
      <td className={classes.number}>{rate(campaign.redemptionRate)}</td>
      <td className={classes.number}>
        {secondRedemptionMs === null ? '–' : format.span(secondRedemptionMs)}
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
