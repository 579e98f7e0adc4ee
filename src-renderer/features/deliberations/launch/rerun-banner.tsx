import * as format from '../../../lib/format.ts'
import { runRoute } from '../../../lib/routes.ts'
import { Banner } from '../../../ui/banner.tsx'
import { RouteLink } from '../../../ui/route-link.tsx'
import type { Role, Spec } from '../shapes.ts'
import type { Draft } from './draft.ts'
import { differences, draftOfRun, settingsOf, type Difference } from './rerun.ts'

/** Which run this one repeats, and what was changed so far. */
export function RerunBanner({ spec, draft, role }: { spec: Spec; draft: Draft; role: Role | undefined }) {
  const changes = differences(settingsOf(draftOfRun(spec)), settingsOf(draft))
  const roleChanged = role !== undefined && role.name === spec.role && role.persona !== spec.persona
  return (
    <Banner tone="info">
      Re-run of “
      <RouteLink to={runRoute(spec.task_id)} className="link">
        {spec.title}
      </RouteLink>
      ”:{' '}
      {changes.length === 0
        ? 'nothing is changed; the same prompts go out with the same seed.'
        : `${format.counted(changes.length, 'setting differs', 'settings differ')}: ${changes.map(inWords).join('; ')}.`}
      {roleChanged && ' The role’s persona has changed since that run, so the prompts differ by it.'}
    </Banner>
  )
}

const LONG = 40

function inWords({ name, before, after }: Difference): string {
  if (before === null) return `${name} is new`
  if (after === null) return `${name} is gone`
  return before.length > LONG || after.length > LONG ? `${name} is changed` : `${name} ${before} → ${after}`
}
