import { describe, expect, it } from 'vitest'
import { linkOf, parentRoute, runRoute } from './routes.ts'

describe('addresses', () => {
  it('a run is addressed by its id under its context', () => {
    expect(runRoute('dlb 1')).toBe('/local/deliberations/dlb%201')
  })

  it.each([
    ['app:', 'app://signalbox', 'signalbox://local/deliberations/dlb-1?agent=agent-002'],
    ['http:', 'http://127.0.0.1:7000', 'http://127.0.0.1:7000/local/deliberations/dlb-1?agent=agent-002'],
  ])('a link that is copied from a page of %s opens where that page came from', (protocol, origin, link) =>
    expect(linkOf('/local/deliberations/dlb-1?agent=agent-002', { protocol, origin })).toBe(link),
  )

  it.each([
    ['/local/deliberations/dlb-1', '/local/deliberations'],
    ['/local/deliberations/new', '/local/deliberations'],
    ['/local/deliberations', '/local/overview'],
    ['/local/settings/roles', '/local/overview'],
    ['/local/overview', null],
  ])('from %s Esc leads to %s', (route, parent) => expect(parentRoute(route)).toBe(parent))
})
