import { useEffect, useState } from 'react'
import { useHost } from '../../../lib/console.tsx'
import { messageOf, refusedField } from '../../../lib/failure.ts'
import type { EstimateReply, RunInput } from '../shapes.ts'
import { formFieldOf, type Refusal } from './form-fields.ts'

export interface EstimateState {
  /** The last answer, kept while a newer one is on its way. */
  readonly reply: EstimateReply | null
  readonly refusal: Refusal | null
  /** The form has changed since. */
  readonly pending: boolean
}

const TYPING_PAUSE_MS = 250

/** What the run would take, asked again a moment after each change. `run` is compared by content. */
export function useEstimate(run: RunInput | null): EstimateState {
  const host = useHost()
  const [answer, setAnswer] = useState<{ key: string; reply: EstimateReply | null; refusal: Refusal | null } | null>(null)
  const key = run === null ? null : JSON.stringify(run)

  useEffect(() => {
    if (run === null || key === null) return
    const asked = new AbortController()
    const ask = async () => {
      try {
        const reply = await host.deliberation.estimate({ run }, asked.signal)
        setAnswer({ key, reply, refusal: null })
      } catch (fault) {
        if (!asked.signal.aborted) setAnswer({ key, reply: null, refusal: refusalOf(fault) })
      }
    }
    const timer = setTimeout(() => void ask(), TYPING_PAUSE_MS)
    return () => {
      clearTimeout(timer)
      asked.abort()
    }
    // `key` is the content of `run`, which is a new object on every render.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [host, key])

  if (key === null) return { reply: null, refusal: null, pending: false }
  return { reply: answer?.reply ?? null, refusal: answer?.refusal ?? null, pending: answer?.key !== key }
}

/** A refusal as the form shows it. */
export function refusalOf(fault: unknown): Refusal {
  const refused = refusedField(fault)
  return { field: refused === null ? null : formFieldOf(refused.field), message: messageOf(fault) }
}
