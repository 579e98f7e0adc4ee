import { describe, expect, it } from 'vitest'
import type { LiveMessage } from '../../messages/live.ts'
import { createMemoryLiveChannel } from './live-channel.ts'

const ended = (id: string): LiveMessage => ({ kind: 'ended', task_id: 'run', id, at: 1 })
const delivered = () => new Promise((resolve) => setImmediate(resolve))

function listen(channel: ReturnType<typeof createMemoryLiveChannel>) {
  const ids: string[] = []
  return { ids, stop: channel.subscribe((message) => ids.push(message.id)) }
}

describe('the live channel in memory', () => {
  it('tells every subscriber what is published, in order', async () => {
    const channel = createMemoryLiveChannel()
    const subscribers = [listen(channel), listen(channel)]
    for (const id of ['a', 'b']) channel.publish(ended(id))
    await delivered()
    expect(subscribers.map(({ ids }) => ids)).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ])
  })

  it('tells nothing after a subscription ended', async () => {
    const channel = createMemoryLiveChannel()
    const { ids, stop } = listen(channel)
    channel.publish(ended('a'))
    stop()
    await delivered()
    expect(ids).toEqual([])
  })

  it('drops the oldest messages when more are published than it holds', async () => {
    const channel = createMemoryLiveChannel()
    const { ids } = listen(channel)
    for (let index = 0; index < 5_000; index++) channel.publish(ended(String(index)))
    await delivered()
    expect([ids.length, ids[0], ids.at(-1)]).toEqual([4_096, '904', '4999'])
  })

  it('tells the others when one subscriber throws, and hands the error on', async () => {
    const errors: unknown[] = []
    const channel = createMemoryLiveChannel((error) => errors.push(error))
    channel.subscribe(() => {
      throw new Error('broken page')
    })
    const { ids } = listen(channel)
    channel.publish(ended('a'))
    await delivered()
    expect([ids, errors]).toEqual([['a'], [new Error('broken page')]])
  })
})
