import { useEffect, useState } from 'react'
import { useNow } from '../lib/clock.ts'
import { useConnection, useConsole } from '../lib/console.tsx'
import { useSystem } from '../lib/shared-streams.tsx'
import { Banner } from '../ui/banner.tsx'
import { Button } from '../ui/button.tsx'
import { Chip } from '../ui/chip.tsx'
import { connectionWords, type ConnectionWords } from './connection-words.ts'

function useConnectionWords(): ConnectionWords {
  const connection = useConnection()
  const { at } = useSystem()
  const now = useNow()
  const live = connection.kind === 'live'
  const [lostAt, setLostAt] = useState<number | null>(null)
  useEffect(() => setLostAt(live ? null : Date.now()), [live])
  return connectionWords(connection, now, lostAt, at)
}

/** Live, reconnecting with a countdown, or cached with its age. */
export function ConnectionChip() {
  const { chip } = useConnectionWords()
  return (
    <Chip tone={chip.tone} shape={chip.shape}>
      {chip.text}
    </Chip>
  )
}

/** Stands above the page while what it shows is not live. */
export function ConnectionBanner() {
  const { banner } = useConnectionWords()
  const { connection } = useConsole()
  if (banner === null) return null
  const action =
    banner.action === 'retry' ? (
      <Button size="sm" onClick={connection.retryNow}>
        Try now
      </Button>
    ) : (
      <Button size="sm" onClick={() => location.reload()}>
        Reload the page
      </Button>
    )
  return (
    <Banner tone={banner.tone} actions={action}>
      {banner.text}
    </Banner>
  )
}
