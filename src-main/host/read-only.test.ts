import { expect, it } from 'vitest'
import * as z from 'zod'
import { call, command, stream } from '../../src-preload/contract/define.ts'
import { refuseWhileReadOnly } from './read-only.ts'

const done = z.object({ done: z.boolean() })
const contract = {
  light: {
    look: call(z.object({}), done),
    watch: stream(z.object({}), done),
    turn: command(z.object({}), done),
    save: command(z.object({ theme: z.string().optional(), days: z.number().optional() }), done, (input) => 'days' in input),
  },
}
const yes = () => Promise.resolve({ done: true })
const handlers = {
  light: {
    look: yes,
    turn: yes,
    save: yes,
    watch: async function* () {
      yield await yes()
    },
  },
}
const { signal } = new AbortController()

it('read-only mode lets everything be read, and refuses what changes more than the operator sees', async () => {
  let isReadOnly = true
  const { light } = refuseWhileReadOnly(contract, handlers, () => Promise.resolve(isReadOnly))
  expect(await light.look({}, signal)).toEqual({ done: true })
  for await (const item of light.watch({}, signal)) expect(item).toEqual({ done: true })
  expect(await light.save({ theme: 'dark' }, signal)).toEqual({ done: true })
  await expect(light.turn({}, signal)).rejects.toMatchObject({ code: 'forbidden' })
  await expect(light.save({ days: 3 }, signal)).rejects.toMatchObject({ code: 'forbidden' })
  isReadOnly = false
  expect(await light.turn({}, signal)).toEqual({ done: true })
})
