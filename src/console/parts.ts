/** What the handlers of the console's data are made with. */
import type { Clock } from '../runtime/clock.ts'
import type { StreamTopic } from './api/operations.ts'
import type { Engine } from './engine.ts'
import type { AuditCodec } from './store/audit-codec.ts'
import type { Store } from './store/store.ts'

export interface ConsoleParts {
  readonly database: Store
  readonly engine: Engine
  readonly clock: Clock
  readonly codec: AuditCodec
  /** Told after each change, for those who watch. */
  readonly onChanged: (topics: readonly StreamTopic[]) => void
  /** Told when something is to be published now. */
  readonly onDue: () => void
  /** Records still unread; null where nobody knows. */
  readonly lag: () => number | null
}
