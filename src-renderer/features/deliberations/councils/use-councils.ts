import { useHost } from '../../../lib/console.tsx'
import type { Live } from '../../../lib/live-store.ts'
import { useStream } from '../../../lib/use-stream.ts'
import type { CouncilView } from '../shapes.ts'

/** Every council by id, live. */
export function useCouncils(): Live<readonly CouncilView[]> {
  const host = useHost()
  return useStream('councils', {
    open: (signal) => host.council.watch({}, signal),
    fold: (_: readonly CouncilView[] | null, { councils }) => councils,
  })
}
