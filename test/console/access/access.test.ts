/** People, sessions, tokens and the audit log on PGlite. proves: D6 */
import { accessLaws } from './access-laws.ts'
import { openMigrated } from './running.ts'

accessLaws('PGlite', openMigrated)
