/** People, sessions, tokens and the audit log on PGlite. */
import { accessLaws } from './access-laws.ts'
import { openDirectPglite } from './direct-pglite.ts'

accessLaws('PGlite', openDirectPglite)
