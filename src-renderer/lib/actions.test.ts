import { describe, expect, it } from 'vitest'
import { actionForChord, ActionRegistry, chordConflicts, chordFor, type Action } from './actions.ts'

const action = (id: string, more: Partial<Action> = {}): Action => ({
  id,
  title: id,
  group: 'Test',
  available: true,
  run: () => {},
  ...more,
})

describe('the action registry', () => {
  it('runs the closure of the last render without telling listeners of a change nobody can see', async () => {
    const ran: string[] = []
    const registry = new ActionRegistry(() => {})
    const key = Symbol('page')
    registry.register(key, [action('run.cancel', { run: () => void ran.push('old') })])
    let told = 0
    registry.subscribe(() => told++)
    registry.register(key, [action('run.cancel', { run: () => void ran.push('new') })])
    expect(told).toBe(0)
    await registry.run('run.cancel')
    expect(ran).toEqual(['new'])
  })

  it('tells listeners when an action becomes unavailable, and then does not run it', async () => {
    const ran: string[] = []
    const registry = new ActionRegistry(() => {})
    const key = Symbol('page')
    const run = () => void ran.push('ran')
    registry.register(key, [action('run.cancel', { run })])
    registry.register(key, [action('run.cancel', { run, available: { reason: 'The run has ended.' } })])
    await registry.run('run.cancel')
    expect(ran).toEqual([])
    expect(registry.state().actions[0]?.available).toEqual({ reason: 'The run has ended.' })
  })

  it('takes commands away while it is read-only, with the reason, and leaves the rest', async () => {
    const ran: string[] = []
    const registry = new ActionRegistry(() => {})
    const run = (id: string) => action(id, { run: () => void ran.push(id) })
    registry.register(Symbol('page'), [{ ...run('batch.cancel'), command: true }, run('go.up')])
    registry.setReadOnly('Read-only mode is on.')
    await registry.run('batch.cancel')
    await registry.run('go.up')
    expect(ran).toEqual(['go.up'])
    expect(registry.state().actions[0]?.available).toEqual({ reason: 'Read-only mode is on.' })
    registry.setReadOnly(null)
    await registry.run('batch.cancel')
    expect(ran).toEqual(['go.up', 'batch.cancel'])
  })

  it('shows an action as pending while it runs and ignores a second press', async () => {
    const done = Promise.withResolvers<undefined>()
    let started = 0
    const registry = new ActionRegistry(() => {})
    const wait = () => {
      started += 1
      return done.promise
    }
    registry.register(Symbol('page'), [action('a', { run: wait })])
    const running = registry.run('a')
    expect(registry.state().pending).toEqual(new Set(['a']))
    await registry.run('a')
    done.resolve(undefined)
    await running
    expect([started, registry.state().pending]).toEqual([1, new Set()])
  })

  it('reports a failure with the action that failed', async () => {
    const failures: unknown[] = []
    const registry = new ActionRegistry((failed, fault) => failures.push([failed.id, fault]))
    const fault = new Error('no host')
    registry.register(Symbol('page'), [action('a', { run: () => Promise.reject(fault) })])
    await registry.run('a')
    expect(failures).toEqual([['a', fault]])
  })

  it("gives a chord to the page's own action, even when the frame registered later", () => {
    const registry = new ActionRegistry(() => {})
    registry.register(Symbol('page'), [action('inspector.close', { shortcut: 'esc' })])
    registry.register(Symbol('frame'), [action('go.up', { shortcut: 'esc' })], 'frame')
    expect(actionForChord(registry.state().actions, {}, 'esc')?.id).toBe('inspector.close')
  })

  it('remembers the actions of a page that was closed', () => {
    const registry = new ActionRegistry(() => {})
    const key = Symbol('page')
    registry.register(key, [action('a', { shortcut: 'x' })])
    registry.unregister(key)
    expect([registry.state().actions, registry.state().known]).toEqual([
      [],
      [{ id: 'a', title: 'a', group: 'Test', shortcut: 'x' }],
    ])
  })
})

describe('shortcuts', () => {
  const actions = [action('launch', { shortcut: 'n' }), action('notices', { shortcut: 'shift+n' }), action('plain')]

  it('an override replaces the default, an empty one takes it away', () => {
    const overrides = { launch: 'mod+n', notices: '' }
    expect(actions.map((each) => chordFor(each, overrides))).toEqual(['mod+n', null, null])
  })

  it('a chord that two actions claim is a conflict', () => {
    expect(chordConflicts(actions, {}).size).toBe(0)
    expect(chordConflicts(actions, { plain: 'n' })).toEqual(new Map([['n', ['launch', 'plain']]]))
  })
})
