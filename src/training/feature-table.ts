/**
 * Labelled events as rows of features, one column each, in single precision: what training and the
 * statistics of a model read. A million rows of 127 features are 510 MB.
 */

export interface RowFacts {
  readonly fraud: boolean
  /** Kind of actor; null where it is not known. */
  readonly kind: string | null
  readonly user: string
  /** When it happened, in milliseconds. */
  readonly occurredAt: number
}

const roomFirst = 65_536

export class FeatureTable {
  readonly features: readonly string[]
  readonly facts: RowFacts[] = []
  /** What the labels stand for; `fraud` unless they say otherwise. */
  readonly targets = new Set<string>()
  #columns: Float32Array[]

  constructor(features: readonly string[]) {
    this.features = features
    this.#columns = features.map(() => new Float32Array(roomFirst))
  }

  get count(): number {
    return this.facts.length
  }

  add(facts: RowFacts, values: Float64Array): void {
    const at = this.facts.length
    if (at === this.#columns[0]!.length) this.#grow()
    for (let index = 0; index < values.length; index += 1)
      this.#columns[index]![at] = values[index]!
    this.facts.push(facts)
  }

  /** The feature's values of all rows, NaN where there is none. */
  column(index: number): Float32Array {
    return this.#columns[index]!.subarray(0, this.count)
  }

  #grow(): void {
    this.#columns = this.#columns.map((column) => {
      const grown = new Float32Array(column.length * 2)
      grown.set(column)
      return grown
    })
  }
}
