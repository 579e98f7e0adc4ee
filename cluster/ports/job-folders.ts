import type { Refusal } from './refusal.ts'

/** Folders of this machine that jobs may read from and write to, as the operator configured them. */
export interface JobFolders {
  /** The lines of a file inside them, read as they are consumed; refused with what is wrong with the path. */
  read(path: string): Promise<AsyncIterable<string> | Refusal>
  /** Whether a new file may be made there. */
  checkNew(path: string): Promise<{ readonly kind: 'free' } | Refusal>
  /** Makes the file whole or not at all; lines come without their breaks. Rejects where it cannot be written. */
  write(path: string, lines: AsyncIterable<string>): Promise<void>
}
