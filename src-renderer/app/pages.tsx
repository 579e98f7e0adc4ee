import { lazy, Suspense, type ReactNode } from 'react'
import { Redirect, Route, Switch, useLocation } from 'wouter'
import { routes } from '../lib/routes.ts'
import { OverviewPage } from '../features/overview/overview-page.tsx'
import { NoSuchPage } from './no-such-page.tsx'
import { PageBoundary } from './page-boundary.tsx'

const DeliberationsPage = lazy(async () => ({ default: (await import('../features/deliberations/list/list-page.tsx')).ListPage }))
const LaunchPage = lazy(async () => ({ default: (await import('../features/deliberations/launch/launch-page.tsx')).LaunchPage }))
const BoardPage = lazy(async () => ({ default: (await import('../features/deliberations/board/board-page.tsx')).BoardPage }))
const ComparePage = lazy(async () => ({
  default: (await import('../features/deliberations/compare/compare-page.tsx')).ComparePage,
}))
const CouncilsPage = lazy(async () => ({
  default: (await import('../features/deliberations/councils/councils-page.tsx')).CouncilsPage,
}))
const BatchesPage = lazy(async () => ({ default: (await import('../features/batches/list/batches-page.tsx')).BatchesPage }))
const NewBatchPage = lazy(async () => ({ default: (await import('../features/batches/submit/new-batch-page.tsx')).NewBatchPage }))
const BatchPage = lazy(async () => ({ default: (await import('../features/batches/detail/batch-page.tsx')).BatchPage }))
const ModelsPage = lazy(async () => ({ default: (await import('../features/models/models-page.tsx')).ModelsPage }))
const SettingsPage = lazy(async () => ({ default: (await import('../features/settings/settings-page.tsx')).SettingsPage }))

/** Which page an address shows. */
export function Pages() {
  return (
    <Suspense fallback={null}>
      <Switch>
        {['/', routes.context].map((path) => (
          <Route key={path} path={path}>
            <Redirect to={routes.overview} replace />
          </Route>
        ))}
        <Route path={routes.overview}>
          <Bounded name="Overview">
            <OverviewPage />
          </Bounded>
        </Route>
        <Route path={routes.deliberations}>
          <Bounded name="Deliberations">
            <DeliberationsPage />
          </Bounded>
        </Route>
        <Route path={routes.launch}>
          <Bounded name="Launch">
            <LaunchPage />
          </Bounded>
        </Route>
        <Route path={routes.compare}>
          <Bounded name="Compare">
            <ComparePage />
          </Bounded>
        </Route>
        <Route path={routes.councils}>
          <Bounded name="Councils">
            <CouncilsPage />
          </Bounded>
        </Route>
        <Route path={`${routes.deliberations}/:id`}>
          {({ id }) => (
            <Bounded name="Deliberation">
              <BoardPage key={id} taskId={decodeURIComponent(id)} />
            </Bounded>
          )}
        </Route>
        <Route path={routes.batches}>
          <Bounded name="Batches">
            <BatchesPage />
          </Bounded>
        </Route>
        <Route path={routes.newBatch}>
          <Bounded name="New batch">
            <NewBatchPage />
          </Bounded>
        </Route>
        <Route path={`${routes.batches}/:id`}>
          {({ id }) => (
            <Bounded name="Batch">
              <BatchPage key={id} batchId={decodeURIComponent(id)} />
            </Bounded>
          )}
        </Route>
        <Route path={routes.models}>
          <Bounded name="Models & engines">
            <ModelsPage />
          </Bounded>
        </Route>
        <Route path={`${routes.settings}/:tab?`}>
          {({ tab }) => (
            <Bounded name="Settings">
              <SettingsPage tab={tab} />
            </Bounded>
          )}
        </Route>
        <Route>
          <NoSuchPage />
        </Route>
      </Switch>
    </Suspense>
  )
}

function Bounded({ name, children }: { name: string; children: ReactNode }) {
  const [location] = useLocation()
  return (
    <PageBoundary key={location} name={name}>
      {children}
    </PageBoundary>
  )
}
