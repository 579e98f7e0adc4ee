/**
 * How old a batch is, by a clock that nobody can set. The time of day jumps when it is corrected; a clock that stops with the machine
 * misses the night that a laptop slept through, and a deadline does not. What is right is the time since the machine was started
 * (`os.uptime()`): it runs through sleep, and setting the time of day moves it nowhere.
 */
export interface Age {
  readonly ms: number
  readonly uptimeMs: number
}

/**
 * When a batch is taken up, after its submit or a restart: only then the time of day is asked. `lastSeenAt` is its latest event's: what
 * was written is over, though the time of day be set back.
 */
export function takeUpAge(
  { acceptedAt, lastSeenAt, now }: { readonly acceptedAt: number; readonly lastSeenAt: number; readonly now: number },
  uptimeMs: number,
): Age {
  return { ms: Math.max(0, Math.max(lastSeenAt, now) - acceptedAt), uptimeMs }
}

export function ageAt(age: Age, uptimeMs: number): number {
  return age.ms + Math.max(0, uptimeMs - age.uptimeMs)
}
