import { useDebouncedValue } from '@mantine/hooks'
import { useEffect, useState } from 'react'
import { useHost } from '../../lib/console.tsx'
import { messageOf } from '../../lib/failure.ts'
import { testOf, type PolicyFields } from './policy-fields.ts'

const TYPING_PAUSE_MS = 200

/** What is wrong with the expression or pattern that is being written; null when it can be used or nothing is written. */
export function useRuleFault({ kind, source, appliesTo }: PolicyFields): string | null {
  const host = useHost()
  const [settled] = useDebouncedValue(source, TYPING_PAUSE_MS)
  const asked = JSON.stringify([kind, appliesTo, settled])
  const [answer, setAnswer] = useState<{ readonly asked: string; readonly fault: string | null } | null>(null)
  useEffect(() => {
    if (settled.trim() === '') return
    let dropped = false
    const told = (fault: string | null) => {
      if (!dropped) setAnswer({ asked, fault })
    }
    host.policy.faultOf({ test: testOf({ kind, source: settled }), applies_to: appliesTo }).then(
      ({ fault }) => told(fault),
      (fault: unknown) => told(messageOf(fault)),
    )
    return () => void (dropped = true)
  }, [host, asked, kind, appliesTo, settled])
  return answer?.asked === asked && source === settled ? answer.fault : null
}
