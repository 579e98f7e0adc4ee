import type { CommandName } from '../../messages/command-table.ts'

/** One address of the API and the command behind it. */
export interface ApiRoute {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Under API_ROOT; `{…}` are fields of the command's input. */
  readonly path: string
  readonly command: CommandName
  /** Where the command's input comes from, beside the path. */
  readonly takes: 'body' | 'query' | 'nothing'
  /** Fields of the query that are numbers or flags. */
  readonly plain?: readonly string[]
  /** The reply's text is sent as the file that it is. */
  readonly sendsFile?: true
}

export const API_ROOT = '/api/v1'
/** Where Prometheus scrapes. */
export const METRICS_PATH = '/metrics'
export const EVENTS_PATH = '/deliberations/{task_id}/events'

const run = '/deliberations/{task_id}'

export const apiRoutes: readonly ApiRoute[] = [
  { method: 'POST', path: '/deliberations', command: 'deliberation.submit', takes: 'body' },
  {
    method: 'GET',
    path: '/deliberations',
    command: 'deliberation.list',
    takes: 'query',
    plain: ['limit', 'created_from', 'created_to'],
  },
  { method: 'POST', path: '/deliberations/estimate', command: 'deliberation.estimate', takes: 'body' },
  { method: 'GET', path: run, command: 'deliberation.result', takes: 'nothing' },
  { method: 'DELETE', path: run, command: 'deliberation.delete', takes: 'query', plain: ['dry_run'] },
  { method: 'GET', path: `${run}/board`, command: 'deliberation.board', takes: 'nothing' },
  { method: 'GET', path: `${run}/texts/{sha256}`, command: 'deliberation.text', takes: 'query', plain: ['offset'] },
  { method: 'GET', path: `${run}/export`, command: 'deliberation.export', takes: 'query', sendsFile: true },
  { method: 'POST', path: `${run}/cancel`, command: 'deliberation.cancel', takes: 'nothing' },
  { method: 'POST', path: `${run}/retry`, command: 'deliberation.retry', takes: 'body' },
  { method: 'POST', path: `${run}/outcome`, command: 'deliberation.outcome', takes: 'body' },
  { method: 'POST', path: `${run}/archive`, command: 'deliberation.archive', takes: 'nothing' },
  { method: 'POST', path: `${run}/restore`, command: 'deliberation.restore', takes: 'nothing' },
  { method: 'POST', path: '/orchestrate', command: 'deliberation.orchestrate', takes: 'body' },
  { method: 'GET', path: '/status', command: 'deliberation.status', takes: 'query' },
  { method: 'GET', path: '/metrics', command: 'deliberation.metrics', takes: 'query', plain: ['window_ms'] },
  { method: 'POST', path: '/councils', command: 'council.create', takes: 'body' },
  { method: 'GET', path: '/councils', command: 'council.list', takes: 'query' },
  { method: 'DELETE', path: '/councils/{council_id}', command: 'council.delete', takes: 'nothing' },
  { method: 'POST', path: '/templates', command: 'template.create', takes: 'body' },
  { method: 'GET', path: '/templates', command: 'template.list', takes: 'query' },
  { method: 'POST', path: '/templates/{template_id}', command: 'template.change', takes: 'body' },
  { method: 'POST', path: '/templates/{template_id}/fill', command: 'template.fill', takes: 'body' },
  { method: 'POST', path: '/templates/{template_id}/hide', command: 'template.hide', takes: 'body' },
  { method: 'DELETE', path: '/templates/{template_id}', command: 'template.delete', takes: 'nothing' },
]
