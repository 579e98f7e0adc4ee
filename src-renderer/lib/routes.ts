/** Every page's address. The context comes first, so that a link says which installation it speaks of. */

const context = 'local'

export const routes = {
  /** Of the installation as a whole: shows the overview. */
  context: `/${context}`,
  overview: `/${context}/overview`,
  deliberations: `/${context}/deliberations`,
  launch: `/${context}/deliberations/new`,
  compare: `/${context}/deliberations/compare`,
  councils: `/${context}/deliberations/councils`,
  batches: `/${context}/batches`,
  newBatch: `/${context}/batches/new`,
  models: `/${context}/models`,
  settings: `/${context}/settings`,
} as const

/** The page of one run. */
export function runRoute(taskId: string): string {
  return `${routes.deliberations}/${encodeURIComponent(taskId)}`
}

/** Whether the address is one of a run's pages. */
export function isRunRoute(route: string): boolean {
  const others = [routes.launch, routes.compare, routes.councils]
  return route.startsWith(`${routes.deliberations}/`) && !others.some((other) => route.startsWith(other))
}

/** The launch form, filled in as it was for this run. */
export function rerunRoute(taskId: string): string {
  return `${routes.launch}?from=${encodeURIComponent(taskId)}`
}

/** Two runs side by side. */
export function compareRoute(a: string, b: string | null): string {
  return `${routes.compare}?${new URLSearchParams({ a, ...(b !== null && { b }) }).toString()}`
}

/** The page of one batch. */
export function batchRoute(batchId: string): string {
  return `${routes.batches}/${encodeURIComponent(batchId)}`
}

/** The submit form, filled in as it was for this batch. */
export function cloneBatchRoute(batchId: string): string {
  return `${routes.newBatch}?from=${encodeURIComponent(batchId)}`
}

export const settingsTabs = [
  'connections',
  'roles',
  'policies',
  'batches',
  'appearance',
  'shortcuts',
  'storage',
  'diagnostics',
] as const
export type SettingsTab = (typeof settingsTabs)[number]

export function settingsRoute(tab: SettingsTab): string {
  return `${routes.settings}/${tab}`
}

/** The link that opens this route: where the console was opened. In the browser only its own address leads back to it. */
export function linkOf(route: string, page: { readonly protocol: string; readonly origin: string }): string {
  if (page.protocol === 'http:' || page.protocol === 'https:') return `${page.origin}${route}`
  return `signalbox://${route.replace(/^\/+/, '')}`
}

/** One level up, or null at the top: a run → the list, a settings tab → the overview. */
export function parentRoute(route: string): string | null {
  const path = route.split('?')[0] ?? route
  if (path === routes.overview || path === '/') return null
  if (path.startsWith(`${routes.deliberations}/`)) return routes.deliberations
  if (path.startsWith(`${routes.batches}/`)) return routes.batches
  return routes.overview
}
