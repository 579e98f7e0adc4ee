import { runRoute } from '../../../lib/routes.ts'
import { RouteLink } from '../../../ui/route-link.tsx'
import { Tag } from '../../../ui/chip.tsx'
import type { Board } from '../shapes.ts'

/** The run that this one repeats, and the runs that repeat it. */
export function RunLinks({ board }: { board: Board }) {
  const { rerun_of, archived } = board.row
  const last = board.reruns.at(-1)
  const more = board.reruns.length - 1
  return (
    <>
      {archived && <Tag title="Out of the default list">archived</Tag>}
      {rerun_of !== null && (
        <span className="nowrap">
          re-run of{' '}
          <RouteLink to={runRoute(rerun_of)} className="crumb-link mono">
            {rerun_of}
          </RouteLink>
        </span>
      )}
      {last !== undefined && (
        <span className="nowrap">
          repeated as{' '}
          <RouteLink to={runRoute(last)} className="crumb-link mono">
            {last}
          </RouteLink>
          {more > 0 && ` and ${more} more`}
        </span>
      )}
    </>
  )
}
