/** A model file on this machine, complete and verified. */
export interface ModelOnDisk {
  readonly id: string
  readonly label: string
  readonly file: string
  /** What the model was trained for; null where it is not known before it is loaded. */
  readonly contextTokens: number | null
  readonly starter: boolean
}
