import { useState } from 'react'
import type { SheddingView } from '../../../../src-preload/contract/batch.ts'
import { sheddingWords } from '../../../lib/batch-words.ts'
import { useHost } from '../../../lib/console.tsx'
import * as format from '../../../lib/format.ts'
import { Banner } from '../../../ui/banner.tsx'
import { Button } from '../../../ui/button.tsx'
import { notifyFailure } from '../../../ui/notify.tsx'

/** What is held back while there is more to do than can be done, why, and that somebody has seen it. */
export function SheddingBanner({ shedding, now }: { shedding: SheddingView; now: number }) {
  const host = useHost()
  const [pending, setPending] = useState(false)
  const isCalled = shedding.escalated_at !== null
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
        isCalled && (
          <Button size="sm" pending={pending} onClick={() => void acknowledge()}>
            I have seen it
          </Button>
        )
      }
    >
      Batches are held back since {format.moment(shedding.since, now)}: {shedding.why.join('; ')}. In force:{' '}
      {shedding.actions.map((action) => sheddingWords[action]).join('; ')}. It is looked at again every 5 minutes and ends by
      itself.
    </Banner>
  )
}
