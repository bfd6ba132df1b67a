/** Who is signed in decides what there is: first start, signing in, or the console's screens. */
import { Center, Loader } from '@mantine/core'
import { lazy, Suspense } from 'react'
import { Navigate, Route, Routes } from 'react-router'
import { PersonProvider, useSession } from './api/use-api.tsx'
import { CaseScreen } from './case/case-screen.tsx'
import { EntryScreen } from './entry/entry-screen.tsx'
import { letRun } from './live/let-run.ts'
import { Failed, Loading } from './parts/states.tsx'
import { QueueScreen } from './queue/queue-screen.tsx'
import { UndoBar } from './queue/undo-bar.tsx'
import { WorkProvider } from './queue/work.tsx'
import { NotFound } from './shell/not-found.tsx'
import { FormatProvider } from './shell/settings.tsx'
import { Shell } from './shell/shell.tsx'
import { waitingQueue } from './shell/waiting-queue.ts'

const AlertsScreen = lazy(async () => {
  const { AlertsScreen: screen } = await import('./alerts/alerts-screen.tsx')
  return { default: screen }
})
const OverviewScreen = lazy(async () => {
  const { OverviewScreen: screen } = await import('./overview/overview-screen.tsx')
  return { default: screen }
})
const ListsScreen = lazy(async () => {
  const { ListsScreen: screen } = await import('./lists/lists-screen.tsx')
  return { default: screen }
})
const PenaltiesScreen = lazy(async () => {
  const { PenaltiesScreen: screen } = await import('./penalties/penalties-screen.tsx')
  return { default: screen }
})
const LettersScreen = lazy(async () => {
  const { LettersScreen: screen } = await import('./letters/letters-screen.tsx')
  return { default: screen }
})
const AuditScreen = lazy(async () => {
  const { AuditScreen: screen } = await import('./audit/audit-screen.tsx')
  return { default: screen }
})
const PeopleScreen = lazy(async () => {
  const { PeopleScreen: screen } = await import('./people/people-screen.tsx')
  return { default: screen }
})

export function App() {
  const session = useSession()
  if (session.isPending)
    return (
      <Center h="100%">
        <Loader size="sm" />
      </Center>
    )
  if (session.isError)
    return <Failed error={session.error} retry={() => letRun(session.refetch())} />
  const { person, firstStart, timeZone } = session.data
  if (person === null) return <EntryScreen isFirst={firstStart} />
  return (
    <PersonProvider value={person}>
      <FormatProvider timeZone={timeZone}>
        <WorkProvider>
          <Shell>
            <Suspense fallback={<Loading />}>
              <Screens />
            </Suspense>
          </Shell>
          <UndoBar />
        </WorkProvider>
      </FormatProvider>
    </PersonProvider>
  )
}

function Screens() {
  return (
    <Routes>
      <Route path="/" element={<Navigate to={waitingQueue} replace />} />
      <Route path="/queue" element={<QueueScreen />} />
      <Route path="/case/:key" element={<CaseScreen />} />
      <Route path="/alerts/*" element={<AlertsScreen />} />
      <Route path="/overview" element={<OverviewScreen />} />
      <Route path="/lists" element={<ListsScreen />} />
      <Route path="/penalties" element={<PenaltiesScreen />} />
      <Route path="/dead-letters" element={<LettersScreen />} />
      <Route path="/audit" element={<AuditScreen />} />
      <Route path="/people" element={<PeopleScreen />} />
      <Route path="*" element={<NotFound />} />
    </Routes>
  )
}
