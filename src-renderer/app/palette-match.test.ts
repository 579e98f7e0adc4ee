import { describe, expect, it } from 'vitest'
import type { Action } from '../lib/actions.ts'
import { isCloseMatch, matchActions } from './palette-match.ts'

const action = (title: string, more: Partial<Action> = {}): Action => ({
  id: title,
  title,
  group: 'Test',
  available: true,
  run: () => {},
  ...more,
})
const titles = (query: string, actions: readonly Action[]) => matchActions(actions, query).map((each) => each.title)

describe('the command palette', () => {
  const actions = [
    action('Overview'),
    action('Launch deliberation'),
    action('Reconnect now', { available: { reason: 'The connection is not down.' } }),
    action('Deliberations'),
  ]

  it('without a query offers everything, unavailable actions last', () => {
    expect(titles('', actions)).toEqual(['Overview', 'Launch deliberation', 'Deliberations', 'Reconnect now'])
  })

  it('puts a title that begins with the words first', () => {
    expect(titles('delib', actions)).toEqual(['Deliberations', 'Launch deliberation'])
  })

  it('wants every word, and forgives left-out letters in longer ones', () => {
    expect(titles('lau delib', actions)).toEqual(['Launch deliberation'])
    expect(titles('ovrvw', actions)).toEqual(['Overview'])
    expect(titles('zz', actions)).toEqual([])
  })

  it('tells words as typed from letters that are scattered, which come after the runs', () => {
    expect(['evil', 'rev', 'details rev'].map((query) => isCloseMatch(action('Details: Review'), query))).toEqual([
      false,
      true,
      true,
    ])
  })

  it('an action that page and frame both offer appears once', () => {
    expect(titles('over', [action('Overview'), action('Overview')])).toEqual(['Overview'])
  })
})
