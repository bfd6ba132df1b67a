/**
 * Rules that missed narrowly, asked for only on request: finding them costs the server something.
 */
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { keys as names } from '../api/keys.ts'
import { useApi } from '../api/use-api.tsx'
import { Caps } from '../keys/caps.tsx'
import { useKeys } from '../keys/use-keys.tsx'
import { Waiting } from '../parts/states.tsx'
import { useFormat, useTexts } from '../shell/settings.tsx'
import shared from './case.module.css'
import classes from './why.module.css'

export function NearMisses({ caseKey }: { readonly caseKey: string }) {
  const { near } = useTexts().case
  const { language } = useFormat()
  const api = useApi()
  const [asked, setAsked] = useState<string | null>(null)
  const isAsked = asked === caseKey
  const ask = () => setAsked(caseKey)
  useKeys({ 'near-misses': ask })
  const query = useQuery({
    queryKey: names.nearMisses(caseKey),
    queryFn: ({ signal }) => api.call('nearMisses', { params: { key: caseKey } }, signal),
    enabled: isAsked,
    staleTime: Number.POSITIVE_INFINITY,
  })
  const section = useRef<HTMLElement>(null)
  // Whoever asked by a key may stand far above them.
  useEffect(() => {
    if (query.isSuccess) section.current?.scrollIntoView({ block: 'nearest' })
  }, [query.isSuccess])
  if (!isAsked)
    return (
      <Button
        variant="subtle"
        color="gray"
        className={classes.askNear}
        rightSection={<Caps of="near-misses" />}
        onClick={ask}
      >
        {near.show}
      </Button>
    )
  return (
    <section ref={section} className={shared.block_} aria-label={near.title}>
      <h2 className={shared.title}>{near.title}</h2>
      <Waiting query={query} lines={3} />
      {query.data?.rules.length === 0 && <p className={shared.soft}>{near.none}</p>}
      {query.data?.rules.map(({ rule, reason, text }) => (
        <article key={rule} className={classes.rule}>
          <code className={classes.ruleName}>{rule}</code>
          {reason !== null && <p className={classes.ruleHead}>{near.wouldSay(reason[language])}</p>}
          <code className={classes.condition}>{text}</code>
        </article>
      ))}
    </section>
  )
}
