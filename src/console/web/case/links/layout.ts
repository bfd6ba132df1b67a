/**
 * Places the nodes of a graph by forces, all at once and without chance: the same graph always
 * looks the same. Nodes that were placed before begin where they stood. 300 nodes cost 100 ms.
 */
import {
  forceCollide,
  forceLink,
  forceManyBody,
  forceSimulation,
  forceX,
  forceY,
  type SimulationNodeDatum,
} from 'd3-force'
import type { LinkGraph } from '../../../api/case-shapes.ts'

export interface Place {
  readonly x: number
  readonly y: number
}
interface Body extends SimulationNodeDatum {
  readonly id: string
}

export function placeNodes(
  graph: LinkGraph,
  before: ReadonlyMap<string, Place>,
): ReadonlyMap<string, Place> {
  const bodies: Body[] = graph.nodes.map(({ id }) => ({ id, ...before.get(id) }))
  const links = graph.links.map(({ from, to }) => ({ source: from, target: to }))
  const simulation = forceSimulation(bodies)
    .force(
      'link',
      forceLink<Body, { source: string; target: string }>(links)
        .id(({ id }) => id)
        .distance(46),
    )
    .force('charge', forceManyBody().strength(-130))
    .force('collide', forceCollide(17))
    .force('x', forceX(0).strength(0.07))
    .force('y', forceY(0).strength(0.07))
    .stop()
  simulation.tick(graph.nodes.length > 120 ? 110 : 200)
  return new Map(bodies.map(({ id, x = 0, y = 0 }) => [id, { x, y }]))
}

export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** The smallest box around all nodes, with room for their marks and labels. */
export function boxAround(places: ReadonlyMap<string, Place>): Box {
  const xs = [...places.values()].map(({ x }) => x)
  const ys = [...places.values()].map(({ y }) => y)
  if (xs.length === 0) return { x: -100, y: -100, width: 200, height: 200 }
  const [left, right] = [Math.min(...xs) - 44, Math.max(...xs) + 44]
  const [top, bottom] = [Math.min(...ys) - 30, Math.max(...ys) + 36]
  // A small graph is not blown up: its labels would run into each other.
  const width = Math.max(250, right - left)
  const height = Math.max(230, bottom - top)
  return { x: (left + right - width) / 2, y: (top + bottom - height) / 2, width, height }
}
