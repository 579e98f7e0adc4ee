import { Component, type ErrorInfo, type ReactNode } from 'react'
import { messageOf } from '../lib/failure.ts'
import { routes } from '../lib/routes.ts'
import { Button } from '../ui/button.tsx'
import { Page, PageContent, PageHeader } from '../ui/page.tsx'
import { Panel } from '../ui/panel.tsx'
import { RouteLink } from '../ui/route-link.tsx'

interface Props {
  /** What the operator calls this page. */
  readonly name: string
  readonly children: ReactNode
}

/** A page that fails to draw takes nothing else down: it says what failed, what still works and what to try. */
export class PageBoundary extends Component<Props, { fault: Error | null }> {
  override state: { fault: Error | null } = { fault: null }

  static getDerivedStateFromError(fault: unknown): { fault: Error } {
    return { fault: fault instanceof Error ? fault : new Error(messageOf(fault)) }
  }

  override componentDidCatch(fault: Error, info: ErrorInfo): void {
    reportError(new Error(`The page ${this.props.name} failed to draw.${info.componentStack ?? ''}`, { cause: fault }))
  }

  override render(): ReactNode {
    const { fault } = this.state
    if (fault === null) return this.props.children
    return (
      <Page>
        <PageHeader
          crumb={this.props.name}
          verdict={`The page “${this.props.name}” could not be drawn`}
          shape="bad"
          why="The host, running work and all other pages are not touched by this."
          actions={
            <Button variant="primary" icon="retry" onClick={() => this.setState({ fault: null })}>
              Draw it again
            </Button>
          }
        />
        <PageContent>
          <Panel title="What failed" note="this text helps in a bug report">
            <pre className="mono t12">{fault.stack ?? fault.message}</pre>
          </Panel>
          <p className="t12 fg2 boundary-hint">
            If it fails again, go to the <RouteLink to={routes.overview}>Overview</RouteLink> or save a diagnostics bundle in
            Settings.
          </p>
        </PageContent>
      </Page>
    )
  }
}
