/** As an input of type `datetime-local` wants it: the reader's clock, to the minute. */
export function toLocalInput(at: number): string {
  return new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

/** What stands in such an input; null where it is no time. */
export function fromLocalInput(text: string): number | null {
  const at = Date.parse(text)
  return Number.isNaN(at) ? null : at
}
