/** Who shares what with the case: as a graph that grows by clicking, or as a list. */
import { Button, SegmentedControl } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { CaseRow, LinkGraph } from '../../../api/case-shapes.ts'
import { keys } from '../../api/keys.ts'
import { useApi } from '../../api/use-api.tsx'
import { letRun } from '../../live/let-run.ts'
import { Failed, Loading } from '../../parts/states.tsx'
import { useFormat, useTexts } from '../../shell/settings.tsx'
import { rootOf } from '../ring.ts'
import { Graph } from './graph.tsx'
import { type GraphNode, mergeGraphs } from './graph-state.ts'
import { LinkList } from './link-list.tsx'
import classes from './links.module.css'

export function Links({ row }: { readonly row: CaseRow }) {
  const api = useApi()
  const root = rootOf(row)
  const query = useQuery({
    queryKey: keys.links(root.kind, root.value),
    queryFn: ({ signal }) => api.call('showLinks', { query: root }, signal),
  })
  if (query.isPending) return <Loading lines={8} height={18} />
  if (query.isError) return <Failed error={query.error} retry={() => letRun(query.refetch())} />
  return <Grown key={row.key} first={query.data} row={row} />
}

function Grown({ first, row }: { readonly first: LinkGraph; readonly row: CaseRow }) {
  const { links: texts } = useTexts().case
  const format = useFormat()
  const [form, setForm] = useState<'graph' | 'list'>('graph')
  const { graph, expand, reset } = useGrowth(first)
  const shown = texts.shown(format.number(graph.nodes.length), format.number(graph.links.length))
  if (graph.nodes.length <= 1) return <p className={classes.note}>{texts.alone}</p>
  const props = { graph, expand, here: [row.user, row.device, row.ip] }
  return (
    <div className={classes.whole}>
      <div className={classes.bar}>
        <SegmentedControl
          aria-label={texts.title}
          value={form}
          onChange={(chosen) => setForm(chosen === 'list' ? 'list' : 'graph')}
          data={[
            { value: 'graph', label: texts.graph },
            { value: 'list', label: texts.list },
          ]}
        />
        <span className={classes.note} role="status">
          {shown}
        </span>
        {graph !== first && (
          <Button variant="subtle" color="gray" size="compact-xs" onClick={reset}>
            {texts.reset}
          </Button>
        )}
      </div>
      {form === 'graph' ? <Graph {...props} /> : <LinkList {...props} />}
    </div>
  )
}

function useGrowth(first: LinkGraph) {
  const api = useApi()
  const queries = useQueryClient()
  const [graph, setGraph] = useState(first)
  const expand = ({ id, kind, value }: GraphNode) => {
    const asked = queries.fetchQuery({
      queryKey: keys.links(kind, value),
      queryFn: ({ signal }) => api.call('showLinks', { query: { kind, value } }, signal),
    })
    letRun(asked.then((added) => setGraph((held) => mergeGraphs(held, added, id))))
  }
  return { graph, expand, reset: () => setGraph(first) }
}
