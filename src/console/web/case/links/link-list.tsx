/** The link graph as a list: each node with whom it is linked to, for keys and screen readers. */
import { Button } from '@mantine/core'
import type { LinkGraph } from '../../../api/case-shapes.ts'
import { Value } from '../../parts/value.tsx'
import { useTexts } from '../../shell/settings.tsx'
import { entityIcons } from '../entities.tsx'
import { type GraphNode, neighboursIn } from './graph-state.ts'
import classes from './links.module.css'

export function LinkList(given: {
  readonly graph: LinkGraph
  readonly expand: (node: GraphNode) => void
}) {
  const { case: texts, shell, words } = useTexts()
  const around = neighboursIn(given.graph)
  return (
    <ul className={classes.list}>
      {given.graph.nodes.map((node) => {
        const Icon = entityIcons[node.kind]
        return (
          <li key={node.id} className={classes.item}>
            <Icon size={16} stroke={1.6} role="img" aria-label={words.entity[node.kind]} />
            <div className={classes.itemText}>
              <Value
                text={node.value}
                longest={34}
                mono={node.kind !== 'user'}
                copyAs={words.entity[node.kind]}
              />
              <div className={classes.note}>
                {texts.entities.events(node.events)}
                {node.flagged > 0 && ` · ${texts.entities.flagged(node.flagged)}`}
              </div>
              <div className={classes.others}>
                {(around.get(node.id) ?? []).slice(0, 12).map((other) => (
                  <Value key={other.id} text={other.value} longest={16} />
                ))}
              </div>
            </div>
            {node.isMore && (
              <Button
                variant="default"
                size="compact-xs"
                aria-label={texts.links.expand(node.value)}
                onClick={() => given.expand(node)}
              >
                {shell.more}
              </Button>
            )}
          </li>
        )
      })}
    </ul>
  )
}
