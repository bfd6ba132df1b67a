/** "Did you mean": the known name that is closest to a mistyped one. */

/** Null where nothing is close: more than a third of the letters, and more than two, differ. */
export function nearestName(name: string, known: Iterable<string>): string | null {
  let best: string | null = null
  let least = Math.max(2, Math.floor(name.length / 3)) + 1
  for (const candidate of known) {
    if (Math.abs(candidate.length - name.length) >= least) continue
    const distance = editDistance(name, candidate)
    if (distance >= least) continue
    least = distance
    best = candidate
  }
  return best
}

export function didYouMean(name: string, known: Iterable<string>): string {
  const near = nearestName(name.slice(0, 64), known)
  return near === null ? '' : `; did you mean ${near}?`
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i++) {
    const current = [i]
    for (let j = 1; j <= b.length; j++) {
      const swap = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      current.push(Math.min(swap, previous[j]! + 1, current[j - 1]! + 1))
    }
    previous = current
  }
  return previous[b.length]!
}
