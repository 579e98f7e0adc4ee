import type { LiveMessage } from '../../messages/live.ts'
import type { LiveChannel } from '../../ports/live-channel.ts'

/** Messages held until the next delivery; beyond it the oldest are lost. */
const UNREAD_MESSAGES = 4_096

/**
 * A live channel inside one process. Publishing returns before anybody is told, so no subscriber can hold up or break the publisher.
 * `onError` gets what a subscriber throws.
 */
export function createMemoryLiveChannel(onError: (error: unknown) => void = rethrowLater): LiveChannel {
  const subscribers = new Set<(message: LiveMessage) => void>()
  let unread: LiveMessage[] = []
  let isScheduled = false

  function deliver(): void {
    isScheduled = false
    const messages = unread
    unread = []
    for (const message of messages)
      for (const subscriber of [...subscribers]) {
        try {
          subscriber(message)
        } catch (error) {
          onError(error)
        }
      }
  }

  return {
    publish: (message) => {
      if (subscribers.size === 0) return
      if (unread.length >= UNREAD_MESSAGES) unread.shift()
      unread.push(message)
      if (isScheduled) return
      isScheduled = true
      setImmediate(deliver)
    },
    subscribe: (listener) => {
      // A function of its own, so that a listener subscribed twice is told twice and ends each on its own.
      const subscriber = (message: LiveMessage) => listener(message)
      subscribers.add(subscriber)
      return () => void subscribers.delete(subscriber)
    },
  }
}

function rethrowLater(error: unknown): void {
  queueMicrotask(() => {
    throw error
  })
}
