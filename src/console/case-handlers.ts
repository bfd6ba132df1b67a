/** All handlers of the console's data, from what they are made with. */
import type { Clock } from '../runtime/clock.ts'
import type { StreamTopic } from './api/operations.ts'
import { newBulk } from './cases/bulk.ts'
import { newDeciding } from './cases/decide-case.ts'
import { newListing } from './cases/list-cases.ts'
import { newCaseView } from './cases/show-case.ts'
import { newSimilar } from './cases/similar.ts'
import { newTaking } from './cases/take.ts'
import { newAround } from './cases/timeline.ts'
import { newChanging } from './cases/undo.ts'
import type { Engine } from './engine.ts'
import type { ConsoleParts } from './parts.ts'
import { newAppealing } from './penalties/appeal-penalty.ts'
import { newImposing } from './penalties/impose-penalty.ts'
import { newAlerts } from './programme/alerts.ts'
import { newLetterHandlers } from './programme/dead-letters.ts'
import { newListHandlers } from './programme/lists.ts'
import { newOverview } from './programme/overview.ts'
import { newShares } from './programme/shares.ts'
import { newAuditCodec } from './store/audit-codec.ts'
import type { Store } from './store/store.ts'

export interface CaseHandlerOptions {
  readonly database: Store
  readonly engine: Engine
  readonly clock: Clock
  readonly onChanged?: (topics: readonly StreamTopic[]) => void
  /** Something is due in the outbox: `outbox.nudge`. Without it the outbox finds it by itself. */
  readonly onDue?: () => void
  /** `projection.lag`. */
  readonly lag?: () => number | null
}

const ignored = () => undefined

export function newCaseHandlers(options: CaseHandlerOptions) {
  const parts: ConsoleParts = {
    database: options.database,
    engine: options.engine,
    clock: options.clock,
    codec: newAuditCodec(),
    onChanged: options.onChanged ?? ignored,
    onDue: options.onDue ?? ignored,
    lag: options.lag ?? (() => null),
  }
  return {
    ...newListing(parts),
    ...newCaseView(parts),
    ...newTaking(parts),
    ...newDeciding(parts),
    ...newChanging(parts),
    ...newBulk(parts),
    ...newImposing(parts),
    ...newAppealing(parts),
    ...newAround(parts),
    ...newSimilar(parts),
    ...newAlerts(parts),
    ...newShares(parts),
    ...newOverview(parts),
    ...newListHandlers(parts),
    ...newLetterHandlers(parts),
  }
}
