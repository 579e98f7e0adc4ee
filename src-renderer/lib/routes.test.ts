import { describe, expect, it } from 'vitest'
import { deepLinkOf, parentRoute, runRoute } from './routes.ts'

describe('addresses', () => {
  it('a run is addressed by its id under its context', () => {
    expect(runRoute('dlb 1')).toBe('/local/deliberations/dlb%201')
    expect(deepLinkOf('/local/deliberations/dlb-1?agent=agent-002')).toBe('signalbox://local/deliberations/dlb-1?agent=agent-002')
  })

  it.each([
    ['/local/deliberations/dlb-1', '/local/deliberations'],
    ['/local/deliberations/new', '/local/deliberations'],
    ['/local/deliberations', '/local/overview'],
    ['/local/settings/roles', '/local/overview'],
    ['/local/overview', null],
  ])('from %s Esc leads to %s', (route, parent) => expect(parentRoute(route)).toBe(parent))
})
