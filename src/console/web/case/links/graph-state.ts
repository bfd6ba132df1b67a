/** The link graph as it grows: what was shown first, and what every click added; pure. */
import type { LinkGraph } from '../../../api/case-shapes.ts'

export type GraphNode = LinkGraph['nodes'][number]
export type GraphLink = LinkGraph['links'][number]

/** More would be neither readable nor quick. */
export const nodesMax = 300

export function mergeGraphs(held: LinkGraph, added: LinkGraph, expanded: string): LinkGraph {
  const nodes = new Map(held.nodes.map((node) => [node.id, node]))
  for (const node of added.nodes)
    if (nodes.has(node.id) || nodes.size < nodesMax)
      nodes.set(node.id, { ...node, isMore: node.isMore && (nodes.get(node.id)?.isMore ?? true) })
  const asked = nodes.get(expanded)
  if (asked !== undefined) nodes.set(expanded, { ...asked, isMore: false })
  const links = new Map(held.links.map((link) => [linkId(link), link]))
  for (const link of added.links)
    if (nodes.has(link.from) && nodes.has(link.to)) links.set(linkId(link), link)
  return { nodes: [...nodes.values()], links: [...links.values()] }
}

export const linkId = ({ from, to }: GraphLink) => (from < to ? `${from} ${to}` : `${to} ${from}`)

/** Who each node is linked to, for the list form. */
export function neighboursIn(graph: LinkGraph): ReadonlyMap<string, readonly GraphNode[]> {
  const byId = new Map(graph.nodes.map((node) => [node.id, node]))
  const around = new Map<string, GraphNode[]>(graph.nodes.map(({ id }) => [id, []]))
  for (const { from, to } of graph.links) {
    const [a, b] = [byId.get(from), byId.get(to)]
    if (a === undefined || b === undefined) continue
    around.get(from)?.push(b)
    around.get(to)?.push(a)
  }
  return around
}
