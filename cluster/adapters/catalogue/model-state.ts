export type ModelState =
  | { readonly kind: 'absent' }
  | {
      readonly kind: 'downloading'
      readonly source: string
      readonly doneBytes: number
      readonly totalBytes: number
      /** Null until it has been measured. */
      readonly bytesPerSecond: number | null
    }
  | { readonly kind: 'verifying' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly reasons: readonly { readonly source: string; readonly reason: string }[] }

/** How a download ended; `absent` = cancelled. */
export type DownloadEnd = Extract<ModelState, { kind: 'ready' | 'failed' | 'absent' }>
