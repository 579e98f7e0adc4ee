export type BulkAction = 'cancel' | 'archive' | 'restore' | 'delete'

/** Why an action does not apply to a run; null if it does. */
export function reasonAgainst(
  action: BulkAction,
  run: { readonly inMotion: boolean; readonly archived: boolean },
): string | null {
  switch (action) {
    case 'cancel':
      return run.inMotion ? null : 'ended already'
    case 'archive':
      return run.inMotion ? 'still in motion; cancel first' : run.archived ? 'archived already' : null
    case 'restore':
      return run.archived ? null : 'not archived'
    case 'delete':
      return run.inMotion ? 'still in motion; cancel first' : null
  }
}
