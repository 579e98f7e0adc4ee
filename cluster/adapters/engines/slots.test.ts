import { expect, it } from 'vitest'
import { createSlots } from './slots.ts'

const never = new AbortController().signal

it('Places are handed out in the order they were asked for, no more at once than there are', async () => {
  const slots = createSlots(1)
  const order: string[] = []
  const releaseFirst = await slots.take(never)
  const second = slots.take(never).then((release) => (order.push('second'), release))
  const third = slots.take(never).then((release) => (order.push('third'), release))
  expect([slots.running, slots.waiting]).toEqual([1, 2])
  releaseFirst()
  releaseFirst()
  ;(await second)()
  ;(await third)()
  expect(order).toEqual(['second', 'third'])
  expect([slots.running, slots.waiting]).toEqual([0, 0])
})

it('Who stops waiting gives up the turn', async () => {
  const slots = createSlots(1)
  const release = await slots.take(never)
  const cancel = new AbortController()
  const left = slots.take(cancel.signal)
  const next = slots.take(never)
  cancel.abort(new Error('enough'))
  await expect(left).rejects.toThrow('enough')
  release()
  await next
  await expect(slots.take(cancel.signal)).rejects.toThrow('enough')
})
