import { liveKey, type LiveMessage, type LiveUpdate } from '../shapes.ts'
import { createListeners } from './listeners.ts'
import { emptyBuffer, viewOf, type LiveBuffer, type LiveView } from './live-buffer.ts'

export interface LiveTexts {
  /** False when a piece of text is missing: the caller asks for the stream anew. */
  readonly apply: (update: LiveUpdate) => boolean
  readonly view: (key: string) => LiveView | undefined
  /** The text as far as followers have been told of it. */
  readonly text: (key: string) => string
  /** Called when `view(key)` changed: at once for a new state, at most four times a second for its numbers. */
  readonly watchView: (key: string, listener: () => void) => () => void
  /** Called once a frame with the text that came; `reset` says that it replaces what was there. */
  readonly followText: (key: string, listener: (text: string, reset: boolean) => void) => () => void
  /** The finished text is there: forget the live one, and whatever still comes of it. */
  readonly close: (key: string) => void
}

const NUMBERS_EVERY_MS = 250

/**
 * Text of running calls, kept outside React: deltas are appended as they come and handed on once a frame,
 * so that what a frame costs depends on what is visible, not on how many tokens arrived.
 */
export function createLiveTexts(
  taskId: string,
  onNextFrame: (flush: () => void) => void,
  now: () => number = Date.now,
): LiveTexts {
  const buffers = new Map<string, LiveBuffer>()
  const closed = new Set<string>()
  const dirty = new Set<string>()
  const views = createListeners<() => void>()
  const texts = createListeners<(text: string, reset: boolean) => void>()
  let scheduled = false

  function touch(key: string): void {
    dirty.add(key)
    if (scheduled) return
    scheduled = true
    onNextFrame(flush)
  }

  function flush(): void {
    scheduled = false
    const keys = [...dirty]
    dirty.clear()
    for (const key of keys) {
      const buffer = buffers.get(key)
      if (!buffer) {
        views.call(key, (listener) => listener())
        continue
      }
      if (buffer.reset || buffer.shown < buffer.text.length) {
        const news = buffer.reset ? buffer.text : buffer.text.slice(buffer.shown)
        texts.call(key, (listener) => listener(news, buffer.reset))
        buffer.reset = false
        buffer.shown = buffer.text.length
      }
      const at = now()
      if (buffer.stale || at - buffer.viewAt >= NUMBERS_EVERY_MS) {
        buffer.stale = false
        buffer.viewAt = at
        buffer.view = viewOf(buffer)
        views.call(key, (listener) => listener())
      } else if (buffer.view.length !== buffer.text.length) touch(key)
    }
  }

  function open(key: string): LiveBuffer {
    const held = buffers.get(key)
    if (held) return held
    const buffer = emptyBuffer()
    buffers.set(key, buffer)
    return buffer
  }

  function rewrite(buffer: LiveBuffer, text: string): void {
    buffer.text = text
    buffer.shown = 0
    buffer.reset = true
  }

  function receive(message: LiveMessage): boolean {
    const key = liveKey(taskId, message.id)
    if (closed.has(key)) return true
    const buffer = open(key)
    touch(key)
    if (message.kind === 'delta') return append(buffer, message)
    buffer.stale = true
    buffer.since = message.at
    switch (message.kind) {
      case 'queued':
        buffer.state = 'queued'
        return true
      case 'started':
        buffer.state = 'running'
        buffer.attempt = message.attempt
        buffer.retryAt = null
        if (buffer.text !== '') rewrite(buffer, '')
        buffer.firstTextAt = null
        return true
      case 'retrying':
        buffer.state = 'retrying'
        buffer.attempt = message.attempt
        buffer.error = message.error
        buffer.retryAt = message.at + message.delay_ms
        rewrite(buffer, '')
        buffer.firstTextAt = null
        return true
      case 'ended':
        buffer.state = 'ended'
        return true
    }
  }

  function append(buffer: LiveBuffer, delta: Extract<LiveMessage, { kind: 'delta' }>): boolean {
    const missing = delta.position - buffer.text.length
    if (missing > 0) return false
    if (delta.position === 0 && buffer.text.length > 0) rewrite(buffer, delta.text)
    else buffer.text += delta.text.slice(-missing)
    if (buffer.state !== 'running') {
      buffer.state = 'running'
      buffer.since = delta.at
      buffer.stale = true
    }
    if (buffer.firstTextAt === null) {
      buffer.firstTextAt = delta.at
      buffer.stale = true
    }
    buffer.lastTextAt = delta.at
    return true
  }

  function replace(update: Extract<LiveUpdate, { type: 'snapshot' }>): void {
    const news = new Set(update.calls.map((call) => liveKey(taskId, call.id)))
    for (const key of [...buffers.keys()]) if (!news.has(key)) forget(key)
    for (const call of update.calls) {
      const key = liveKey(taskId, call.id)
      if (closed.has(key)) continue
      const buffer = open(key)
      buffer.state = call.state
      buffer.since = call.since
      buffer.attempt = call.attempt
      buffer.error = call.error
      buffer.retryAt = null
      buffer.firstTextAt = call.first_text_at
      buffer.lastTextAt = call.text === '' ? null : now()
      buffer.stale = true
      if (buffer.text !== call.text) rewrite(buffer, call.text)
      touch(key)
    }
  }

  function forget(key: string): void {
    if (buffers.delete(key)) touch(key)
  }

  return {
    apply(update) {
      if (update.type === 'snapshot') {
        replace(update)
        return true
      }
      return update.messages.every(receive)
    },
    view: (key) => buffers.get(key)?.view,
    text(key) {
      const buffer = buffers.get(key)
      return buffer ? buffer.text.slice(0, buffer.shown) : ''
    },
    watchView: views.add,
    followText: texts.add,
    close(key) {
      closed.add(key)
      forget(key)
    },
  }
}
