/** The rules that hit most, and how often reviewers agreed with them. */
import { Link } from 'react-router'
import type { Overview } from '../../api/programme-shapes.ts'
import { Card } from '../parts/page.tsx'
import { useFormat, useTexts } from '../shell/settings.tsx'
import classes from './overview.module.css'

export function TopRules({ rules }: { readonly rules: Overview['rules'] }) {
  const texts = useTexts().alerts.overview
  const format = useFormat()
  return (
    <Card title={texts.rules}>
      {rules.length === 0 && <p className={classes.soft}>{texts.nothing}</p>}
      <table className={classes.table} hidden={rules.length === 0}>
        <thead>
          <tr>
            <th scope="col">{texts.rule}</th>
            <th scope="col" className={classes.number}>
              {texts.hits}
            </th>
            <th scope="col" className={classes.number}>
              {texts.precision}
            </th>
          </tr>
        </thead>
        <tbody>
          {rules.map(({ rule, reason, hits, fraud, legitimate, precision }) => (
            <tr key={rule}>
              <td className={classes.wide} title={reason?.[format.language] ?? rule}>
                <Link to={`/queue?rule=${encodeURIComponent(rule)}&state=any`}>
                  <code>{rule}</code>
                </Link>
              </td>
              <td className={classes.number}>{format.number(hits)}</td>
              <td
                className={classes.number}
                title={texts.judged(format.number(fraud), format.number(legitimate))}
              >
                {precision === null ? '–' : format.percent(precision)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  )
}
