/** The files as a graph of imports: circles in it, and files that nothing leads to. */
import type { SourceFile } from './source.ts'

type Graph = ReadonlyMap<string, readonly string[]>

export function importGraph(files: readonly SourceFile[]): Graph {
  return new Map(
    files.map(({ path, imports }) => [
      path,
      imports.flatMap(({ file }) => (file === null ? [] : [file])),
    ]),
  )
}

/** One circle for each file on one that is found first, from that file back to it. Types count. */
export function findCycles(graph: Graph): readonly string[] {
  const done = new Set<string>()
  const cycles: string[] = []
  const visit = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path)
    if (at >= 0) {
      cycles.push([...trail.slice(at), path].join(' → '))
      return
    }
    if (done.has(path)) return
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path])
    done.add(path)
  }
  for (const path of graph.keys()) visit(path, [])
  return cycles
}

/** Files under `folder` that no chain of imports from the roots leads to. */
export function findDead(
  graph: Graph,
  roots: readonly string[],
  folder: string,
): readonly string[] {
  const alive = new Set<string>()
  const visit = (path: string): void => {
    if (alive.has(path)) return
    alive.add(path)
    for (const next of graph.get(path) ?? []) visit(next)
  }
  for (const root of roots) visit(root)
  return [...graph.keys()].filter((path) => path.startsWith(folder) && !alive.has(path))
}

/** Imports of files that are not there. */
export function findBroken(graph: Graph, exists: (path: string) => boolean): readonly string[] {
  return [...graph].flatMap(([path, imports]) =>
    imports.filter((file) => !exists(file)).map((file) => `${path} → ${file}`),
  )
}
