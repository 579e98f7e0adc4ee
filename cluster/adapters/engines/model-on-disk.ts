export type ModelKind = 'chat' | 'embedding'

/** A model file on this machine, complete and verified. */
export interface ModelOnDisk {
  readonly id: string
  /** An embedding model turns texts into vectors and answers no calls. */
  readonly kind: ModelKind
  readonly label: string
  readonly file: string
  /** What the model was trained for; null where it is not known before it is loaded. */
  readonly contextTokens: number | null
  readonly starter: boolean
}
