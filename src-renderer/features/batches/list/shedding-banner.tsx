import { useState } from 'react'
import type { SheddingView } from '../../../../src-preload/contract/batch.ts'
import { sheddingWords } from '../../../lib/batch-words.ts'
import { useHost } from '../../../lib/console.tsx'
import * as format from '../../../lib/format.ts'
import { routes } from '../../../lib/routes.ts'
import { Banner } from '../../../ui/banner.tsx'
import { Button } from '../../../ui/button.tsx'
import { notifyFailure } from '../../../ui/notify.tsx'
import { RouteLink } from '../../../ui/route-link.tsx'

/** What is held back while there is more to do than can be done, why, and that somebody has seen it. */
export function SheddingBanner({ shedding, now }: { shedding: SheddingView; now: number }) {
  const host = useHost()
  const [pending, setPending] = useState(false)
  const isCalled = shedding.escalated_at !== null
  const inForce = shedding.actions.flatMap((action) => sheddingWords[action] ?? [])
  const acknowledge = async () => {
    setPending(true)
    try {
      await host.batch.acknowledgeShedding({})
    } catch (fault) {
      notifyFailure('It could not be acknowledged', fault)
    } finally {
      setPending(false)
    }
  }
  return (
    <Banner
      tone={isCalled ? 'bad' : 'warn'}
      actions={
        <>
          <RouteLink to={routes.models}>Models & engines</RouteLink>
          {isCalled && (
            <Button command size="sm" pending={pending} onClick={() => void acknowledge()}>
              I have seen it
            </Button>
          )}
        </>
      }
    >
      <b>Batches are held back since {format.moment(shedding.since, now)}</b>: {shedding.why.join('; ')}. Until that is over,{' '}
      {inForce.join('; ')}. It is looked at every 5 minutes
      {isCalled && '; once you have seen it, nobody is called again for an hour'}.
    </Banner>
  )
}
