import type { BatchEndpoint, FileReport } from '../messages/batch.ts'
import type { BlobReference } from '../messages/blob.ts'
import type { NewRequest } from './batch-requests.ts'

/** What the lines of a file are held against. */
export interface LineRules {
  readonly endpoint: BatchEndpoint
  /** Tokens that prompt and answer may take together; null where the engine does not say, or the model is not known yet. */
  readonly contextTokens: number | null
}

/** Holds every line of an input file against the rules, in one pass and bounded memory, away from the thread that asks. */
export interface BatchValidator {
  /**
   * Hands the requests to `sink` in groups, in the order of the file, and waits for each; after the first error no more are handed over.
   * A file with errors is a report, not a rejection. Rejects with the signal's reason, or where the file cannot be read.
   */
  validate(
    input: BlobReference,
    rules: LineRules,
    sink: ((requests: readonly NewRequest[]) => Promise<void>) | undefined,
    signal: AbortSignal,
  ): Promise<FileReport>
}
