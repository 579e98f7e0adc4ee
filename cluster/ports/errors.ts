/** A store or service behind a port cannot be reached or written now; says what and what to try. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError'
}

/** Stored data is damaged; says where. Never skipped silently. */
export class CorruptionError extends Error {
  override readonly name = 'CorruptionError'
}
