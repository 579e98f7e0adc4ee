import type { deliberationCommands } from '../../messages/deliberation-commands.ts'

/** One address of the API and the command behind it. */
export interface ApiRoute {
  readonly method: 'GET' | 'POST'
  /** Under API_ROOT; `{task_id}` is the id of a run. */
  readonly path: string
  readonly verb: keyof typeof deliberationCommands
  /** Where the command's input comes from, beside the path. */
  readonly takes: 'body' | 'query' | 'nothing'
  /** Fields of the query that are numbers. */
  readonly numbers: readonly string[]
}

export const API_ROOT = '/api/v1'
export const EVENTS_PATH = '/deliberations/{task_id}/events'

export const apiRoutes: readonly ApiRoute[] = [
  { method: 'POST', path: '/deliberations', verb: 'submit', takes: 'body', numbers: [] },
  { method: 'GET', path: '/deliberations', verb: 'list', takes: 'query', numbers: ['limit'] },
  { method: 'POST', path: '/deliberations/estimate', verb: 'estimate', takes: 'body', numbers: [] },
  { method: 'GET', path: '/deliberations/{task_id}', verb: 'result', takes: 'nothing', numbers: [] },
  { method: 'POST', path: '/deliberations/{task_id}/cancel', verb: 'cancel', takes: 'nothing', numbers: [] },
  { method: 'POST', path: '/deliberations/{task_id}/retry', verb: 'retry', takes: 'body', numbers: [] },
  { method: 'POST', path: '/deliberations/{task_id}/outcome', verb: 'outcome', takes: 'body', numbers: [] },
  { method: 'POST', path: '/orchestrate', verb: 'orchestrate', takes: 'body', numbers: [] },
  { method: 'GET', path: '/status', verb: 'status', takes: 'query', numbers: [] },
  { method: 'GET', path: '/metrics', verb: 'metrics', takes: 'query', numbers: ['window_ms'] },
]
