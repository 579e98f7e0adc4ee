import { describe, expect, it } from 'vitest'
import { orderAfterPress, orderOf, placeOf, sortOf, viewsOf } from './views.ts'

const views = viewsOf([{ name: 'Dear ones', q: 'role:qa', sort: '-cost', columns: [{ id: 'cost', width: null }] }])
const at = (search: string) => {
  const { q, sort, view } = placeOf(new URLSearchParams(search), views)
  return { q, sort, view: view?.name ?? null }
}

describe('the address of a list', () => {
  it.each([
    ['', { q: '', sort: '', view: 'All' }],
    ['view=Running', { q: 'status:running,waiting', sort: '', view: 'Running' }],
    ['view=Dear+ones', { q: 'role:qa', sort: '-cost', view: 'Dear ones' }],
    ['view=Dear+ones&sort=score', { q: 'role:qa', sort: 'score', view: 'Dear ones' }],
    ['view=Gone&q=x', { q: 'x', sort: '', view: null }],
    ['q=status%3Adone', { q: 'status:done', sort: '', view: 'Done' }],
    ['q=role%3Aqa', { q: 'role:qa', sort: '', view: null }],
  ])('%s', (search, place) => expect(at(search)).toEqual(place))

  it.each(['', '-cost', 'score', 'created', '-title'])('writes the order %s as it reads it', (sort) => {
    expect(sortOf(orderOf(sort))).toBe(sort)
  })

  it('shows the newest first where an order makes no sense', () => {
    expect(orderOf('-colour')).toEqual({ by: 'created', descending: true })
  })
})

describe('a press on the head of a column', () => {
  it('begins with the largest number or the first word, and turns the order round the second time', () => {
    const newest = orderOf('')
    expect(orderAfterPress(newest, 'cost')).toEqual({ by: 'cost', descending: true })
    expect(orderAfterPress(newest, 'title')).toEqual({ by: 'title', descending: false })
    expect(orderAfterPress(orderOf('-cost'), 'cost')).toEqual({ by: 'cost', descending: false })
  })
})
