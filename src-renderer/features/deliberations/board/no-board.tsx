import type { ConsoleError } from '../../../../src-preload/contract/errors.ts'
import { routes } from '../../../lib/routes.ts'
import { AreaCrumb } from '../../../ui/area-crumb.tsx'
import { Button } from '../../../ui/button.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import type { ShapeName } from '../../../ui/icons.tsx'
import { Id } from '../../../ui/id.tsx'
import { Page, PageContent, PageHeader } from '../../../ui/page.tsx'
import { RouteLink } from '../../../ui/route-link.tsx'

interface NoBoardProps {
  taskId: string
  /** Null while the first picture is on its way. */
  error: ConsoleError | null
  onRetry: () => void
}

/** In place of a board that is not there: on its way, never seen, removed, or not readable now. */
export function NoBoard({ taskId, error, onRetry }: NoBoardProps) {
  const words = wordsFor(error)
  return (
    <Page>
      <PageHeader
        crumb={
          <AreaCrumb to={routes.deliberations} area="Deliberations">
            <Id value={taskId} />
          </AreaCrumb>
        }
        verdict={words.verdict}
        shape={words.shape}
        why={words.why}
      />
      <PageContent>
        {error !== null && (
          <EmptyState
            title={words.title}
            actions={
              <>
                {words.retry && (
                  <Button icon="retry" onClick={onRetry}>
                    Ask again
                  </Button>
                )}
                <RouteLink to={routes.deliberations}>All deliberations</RouteLink>
              </>
            }
          >
            {words.body}
          </EmptyState>
        )}
      </PageContent>
    </Page>
  )
}

interface Words {
  readonly verdict: string
  readonly why: string
  readonly shape: ShapeName
  readonly title: string
  readonly body: string
  readonly retry: boolean
}

function wordsFor(error: ConsoleError | null): Words {
  if (error === null)
    return { verdict: 'Asking the host for this run', why: '', shape: 'wait', title: '', body: '', retry: false }
  switch (error.code) {
    case 'not-found':
      return {
        verdict: 'No run with this id was ever seen here',
        why: 'The link may belong to another installation, or the id lost a character.',
        shape: 'dash',
        title: 'Unknown id',
        body: 'The list shows every run that this installation knows.',
        retry: false,
      }
    case 'expired':
      return {
        verdict: 'This run was removed',
        why: 'Deleted by an operator, or by retention as set in Settings; its texts and scores are gone for good.',
        shape: 'off',
        title: 'Removed',
        body: 'Runs that are still kept are in the list.',
        retry: false,
      }
    case 'invalid-input':
    case 'unauthorized':
    case 'forbidden':
    case 'conflict':
    case 'overloaded':
    case 'over-budget':
    case 'unavailable':
    case 'internal':
      return {
        verdict: 'The run cannot be shown right now',
        why: 'A run goes on whether or not a page shows it.',
        shape: 'warn',
        title: 'What the host said',
        body: error.message,
        retry: true,
      }
  }
}
