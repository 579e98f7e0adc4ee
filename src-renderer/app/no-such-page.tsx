import { useLocation } from 'wouter'
import { routes } from '../lib/routes.ts'
import { EmptyState } from '../ui/empty-state.tsx'
import { Page, PageContent, PageHeader } from '../ui/page.tsx'
import { RouteLink } from '../ui/route-link.tsx'

/** A link that leads nowhere says what was asked for. */
export function NoSuchPage() {
  const [location] = useLocation()
  return (
    <Page>
      <PageHeader
        crumb="Link"
        verdict="This link leads to no page"
        shape="warn"
        why="It may come from a newer version, or from an installation that is not connected here."
      />
      <PageContent>
        <EmptyState title={`Asked for: ${location}`} actions={<RouteLink to={routes.overview}>Go to the Overview</RouteLink>}>
          Known here: the context “local” with Overview, Deliberations, Batches, Models & engines and Settings.
        </EmptyState>
      </PageContent>
    </Page>
  )
}
