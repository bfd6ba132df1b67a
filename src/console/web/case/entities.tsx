/** The entities of a case: what each did in numbers, and the lists it is on. */
import {
  IconBarcode,
  IconDeviceMobile,
  IconLink,
  IconPhone,
  IconUser,
  IconWorld,
} from '@tabler/icons-react'
import type { CaseWhole, EntityKind } from '../../api/case-shapes.ts'
import { Value } from '../parts/value.tsx'
import { useFormat, useTexts } from '../shell/settings.tsx'
import { wordFor } from '../texts/words.ts'
import classes from './case.module.css'

export const entityIcons = {
  user: IconUser,
  device: IconDeviceMobile,
  ip: IconWorld,
  phone: IconPhone,
  code: IconBarcode,
  referrer: IconLink,
} as const satisfies Record<EntityKind, unknown>

export function Entities({ whole }: { readonly whole: CaseWhole }) {
  return (
    <ul className={classes.entities}>
      {whole.entities.map((entity) => (
        <li key={`${entity.kind} ${entity.value}`} className={classes.entity}>
          <Entity entity={entity} />
        </li>
      ))}
    </ul>
  )
}

function Entity({ entity }: { readonly entity: CaseWhole['entities'][number] }) {
  const { case: texts, words } = useTexts()
  const format = useFormat()
  const { entities } = texts
  const Icon = entityIcons[entity.kind]
  const others = [
    entity.kind === 'user' || entity.users < 2 ? null : entities.users(entity.users),
    entity.kind === 'device' || entity.devices < 2 ? null : entities.devices(entity.devices),
    entity.kind === 'ip' || entity.ips < 2 ? null : entities.ips(entity.ips),
    entity.firstAt === null ? null : entities.since(format.day(entity.firstAt)),
  ]
  return (
    <>
      <Icon size={17} stroke={1.6} role="img" aria-label={words.entity[entity.kind]} />
      <div className={classes.entityText}>
        <Value
          text={entity.value}
          longest={30}
          mono={entity.kind !== 'user'}
          copyAs={words.entity[entity.kind]}
        />
        {entity.lists.map(({ list, source, range }) => (
          <span
            key={`${list} ${source} ${range}`}
            className={`${classes.onList} ${classes[`on-${list}`]}`}
          >
            {entities.onList(wordFor(words.list, list), source)}
            {range !== null && <bdi> {range}</bdi>}
          </span>
        ))}
        <div className={classes.soft}>
          {entities.events(entity.events)}
          {entity.flagged > 0 && (
            <>
              {' · '}
              <span className={classes.flagged}>{entities.flagged(entity.flagged)}</span>
            </>
          )}
          {others.map((text) => (text === null ? '' : ` · ${text}`))}
        </div>
      </div>
    </>
  )
}
