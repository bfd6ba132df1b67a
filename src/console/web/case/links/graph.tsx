/** The link graph drawn: click a point to see what is around it, drag to move, wheel to zoom. */
import { type PointerEvent, useEffect, useMemo, useRef, useState } from 'react'
import type { LinkGraph } from '../../../api/case-shapes.ts'
import { clip } from '../../parts/reveal.ts'
import { useTexts } from '../../shell/settings.tsx'
import { type GraphNode, linkId } from './graph-state.ts'
import { type Box, boxAround, type Place, placeNodes } from './layout.ts'
import classes from './links.module.css'

interface Given {
  readonly graph: LinkGraph
  readonly expand: (node: GraphNode) => void
  /** Values of the case itself. */
  readonly here: readonly (string | null)[]
}

export function Graph({ graph, expand, here }: Given) {
  const { case: texts } = useTexts()
  const held = useRef<ReadonlyMap<string, Place>>(new Map())
  const places = useMemo(() => {
    held.current = placeNodes(graph, held.current)
    return held.current
  }, [graph])
  const view = useView(places)
  const widest = Math.max(1, ...graph.links.map(({ events }) => events))
  return (
    <>
      <svg
        ref={view.svg}
        className={classes.graph}
        viewBox={`${view.box.x} ${view.box.y} ${view.box.width} ${view.box.height}`}
        role="img"
        aria-label={texts.links.label}
        {...view.handlers}
      >
        {graph.links.map((link) => {
          const [from, to] = [places.get(link.from), places.get(link.to)]
          if (from === undefined || to === undefined) return null
          return (
            <line
              key={linkId(link)}
              className={classes.link}
              x1={from.x}
              y1={from.y}
              x2={to.x}
              y2={to.y}
              strokeWidth={0.8 + 2.2 * (link.events / widest)}
            />
          )
        })}
        {graph.nodes.map((node) => (
          <Node
            key={node.id}
            node={node}
            place={places.get(node.id)}
            isHere={here.includes(node.value)}
            isLabelled={graph.nodes.length <= 26}
            expand={() => view.wasDragged() || expand(node)}
          />
        ))}
      </svg>
      <Legend hint={texts.links.hint} />
    </>
  )
}

function Node(given: {
  readonly node: GraphNode
  readonly place: Place | undefined
  readonly isHere: boolean
  readonly isLabelled: boolean
  readonly expand: () => void
}) {
  const { node, place, isHere } = given
  const { words, case: texts } = useTexts()
  if (place === undefined) return null
  const size = 6 + Math.min(6, Math.sqrt(node.events))
  const looks = [classes.node, classes[node.kind], isHere ? classes.here : '']
  const said = `${words.entity[node.kind]} ${node.value} · ${texts.entities.events(node.events)} · ${texts.entities.flagged(node.flagged)}`
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the list form is for keys
    <g
      className={looks.join(' ')}
      data-given
      transform={`translate(${place.x} ${place.y})`}
      onClick={given.expand}
    >
      <title>{said}</title>
      {node.isMore && <circle r={size + 3.5} className={classes.more} />}
      <Mark kind={node.kind} size={size} />
      {node.flagged > 0 && (
        <circle cx={size * 0.8} cy={-size * 0.8} r={3} className={classes.flag} />
      )}
      {(given.isLabelled || isHere) && (
        <text className={classes.label} y={size + 10}>
          {clip(node.value, 12)}
        </text>
      )}
    </g>
  )
}

/** Users are round, devices square, addresses diamonds: told apart without colour. */
function Mark({ kind, size }: { readonly kind: GraphNode['kind']; readonly size: number }) {
  if (kind === 'user') return <circle r={size} />
  const side = size * 1.75
  return (
    <rect
      x={-side / 2}
      y={-side / 2}
      width={side}
      height={side}
      rx={2}
      transform={kind === 'ip' ? 'rotate(45)' : undefined}
    />
  )
}

function Legend({ hint }: { readonly hint: string }) {
  const { words } = useTexts()
  const kinds = ['user', 'device', 'ip'] as const
  return (
    <div className={classes.legend}>
      {kinds.map((kind) => (
        <span key={kind} className={classes.legendItem}>
          <svg width={16} height={16} viewBox="-8 -8 16 16" className={classes[kind]} aria-hidden>
            <Mark kind={kind} size={5} />
          </svg>
          {words.entity[kind]}
        </span>
      ))}
      <span className={classes.note}>{hint}</span>
    </div>
  )
}

/** What part of the plane is seen; all of it until somebody moves. */
function useView(places: ReadonlyMap<string, Place>) {
  const svg = useRef<SVGSVGElement>(null)
  const [moved, setMoved] = useState<Box | null>(null)
  const drag = useRef<{ x: number; y: number; far: boolean } | null>(null)
  const far = useRef(false)
  const box = moved ?? boxAround(places)
  useEffect(() => {
    const { current } = svg
    // React listens to the wheel passively, which would scroll the panel as well.
    const zoom = (event: WheelEvent) => {
      event.preventDefault()
      setMoved((before) => zoomed(before ?? boxAround(places), event.deltaY > 0 ? 1.15 : 1 / 1.15))
    }
    current?.addEventListener('wheel', zoom, { passive: false })
    return () => current?.removeEventListener('wheel', zoom)
  }, [places])
  const handlers = {
    onPointerDown: (event: PointerEvent<SVGSVGElement>) => {
      far.current = false
      drag.current = { x: event.clientX, y: event.clientY, far: false }
    },
    onPointerMove: (event: PointerEvent<SVGSVGElement>) => {
      const from = drag.current
      if (from === null) return
      const scale = box.width / (svg.current?.clientWidth ?? box.width)
      const [dx, dy] = [event.clientX - from.x, event.clientY - from.y]
      if (Math.abs(dx) + Math.abs(dy) < 4 && !from.far) return
      far.current = true
      drag.current = { x: event.clientX, y: event.clientY, far: true }
      setMoved({ ...box, x: box.x - dx * scale, y: box.y - dy * scale })
    },
    onPointerUp: () => {
      drag.current = null
    },
    onPointerLeave: () => {
      drag.current = null
    },
  }
  return { svg, box, handlers, wasDragged: () => far.current }
}

const zoomed = (box: Box, by: number): Box => ({
  x: box.x + (box.width * (1 - by)) / 2,
  y: box.y + (box.height * (1 - by)) / 2,
  width: box.width * by,
  height: box.height * by,
})
