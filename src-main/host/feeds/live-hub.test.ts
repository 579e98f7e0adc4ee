import { describe, expect, it } from 'vitest'
import type { LiveMessage } from '../../../cluster/messages/live.ts'
import { createLiveHub } from './live-hub.ts'

function channel() {
  const listeners = new Set<(message: LiveMessage) => void>()
  return {
    publish: (message: LiveMessage) => listeners.forEach((listener) => listener(message)),
    subscribe: (listener: (message: LiveMessage) => void) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

const base = { task_id: 't', id: 't.0.propose.a', at: 5 }
const delta = (position: number, text: string): LiveMessage => ({ kind: 'delta', ...base, position, text })

describe('the live hub', () => {
  it('gives a reader that joins late the text so far, then only what is new', async () => {
    const live = channel()
    const hub = createLiveHub(live)
    live.publish({ kind: 'started', ...base, attempt: 1 })
    live.publish(delta(0, 'Hel'))
    const stop = new AbortController()
    const updates = hub.watch('t', 1, stop.signal)[Symbol.asyncIterator]()
    const first = await updates.next()
    live.publish(delta(3, 'lo'))
    live.publish(delta(5, '!'))
    const second = await updates.next()
    stop.abort()
    expect([first.value, second.value]).toEqual([
      {
        type: 'snapshot',
        calls: [{ id: base.id, state: 'running', since: 5, attempt: 1, error: null, text: 'Hel', first_text_at: 5 }],
      },
      { type: 'changes', messages: [delta(3, 'lo!')] },
    ])
  })

  it('joins the new text of each call while several write by turns', async () => {
    const live = channel()
    const hub = createLiveHub(live)
    const stop = new AbortController()
    const updates = hub.watch('t', 1, stop.signal)[Symbol.asyncIterator]()
    await updates.next()
    const other = { id: 't.0.propose.b' }
    live.publish({ kind: 'started', ...base, ...other, attempt: 1 })
    for (const [position, text] of [
      [0, 'Hel'],
      [3, 'lo'],
    ] as const) {
      live.publish(delta(position, text))
      live.publish({ ...delta(position, text), ...other })
    }
    const next = await updates.next()
    stop.abort()
    expect(next.value).toEqual({
      type: 'changes',
      messages: [{ kind: 'started', ...base, ...other, attempt: 1 }, delta(0, 'Hello'), { ...delta(0, 'Hello'), ...other }],
    })
  })

  it('starts the text again with every try, and forgets a call that ended', () => {
    const live = channel()
    const hub = createLiveHub(live)
    live.publish({ kind: 'started', ...base, attempt: 1 })
    live.publish(delta(0, 'lost'))
    live.publish({ kind: 'retrying', ...base, attempt: 1, error: 'HTTP 503', delay_ms: 10 })
    expect(hub.counts()).toEqual({ running: 0, waiting: 1 })
    live.publish({ kind: 'started', ...base, attempt: 2 })
    expect(hub.counts()).toEqual({ running: 1, waiting: 0 })
    live.publish({ kind: 'ended', ...base })
    expect(hub.counts()).toEqual({ running: 0, waiting: 0 })
  })

  it('sends a snapshot instead of a long queue to a reader that fell behind', async () => {
    const live = channel()
    const hub = createLiveHub(live)
    const stop = new AbortController()
    const updates = hub.watch('t', 1, stop.signal)[Symbol.asyncIterator]()
    await updates.next()
    for (let n = 0; n < 3000; n++) live.publish({ kind: 'started', ...base, id: `call-${n}`, attempt: 1 })
    const next = await updates.next()
    stop.abort()
    expect(next.value).toMatchObject({ type: 'snapshot' })
  })
})
