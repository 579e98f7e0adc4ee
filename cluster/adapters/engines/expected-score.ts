/** A token the model might say next, and the probability that it does. */
export interface TokenChance {
  readonly text: string
  readonly probability: number
}

/**
 * What may come after the tokens `spoken` (none: where the number begins). Only tokens that begin with a digit matter.
 * Null where the engine does not show it.
 */
export type NextTokens = (spoken: readonly string[]) => Promise<readonly TokenChance[] | null>

/** Paths less likely than this are not followed to their end. */
const WORTH_A_LOOK = 0.001

/**
 * The mean of the whole numbers min..max, each weighted by the probability that the model says it. A number may take
 * several tokens ("1" then "0"): what follows is then asked too, and a share that cannot be told apart is left out.
 * Null when nothing is known about any of the numbers.
 */
export async function expectedScore(range: { min: number; max: number }, next: NextTokens): Promise<number | null> {
  const allowed = Array.from({ length: range.max - range.min + 1 }, (_, index) => String(range.min + index))
  const weights = new Map<string, number>()
  const add = (digits: string, weight: number) => {
    if (allowed.includes(digits)) weights.set(digits, (weights.get(digits) ?? 0) + weight)
  }

  async function follow(said: string, spoken: readonly string[], mass: number): Promise<void> {
    const chances = await next(spoken)
    if (chances === null) return
    let goesOn = 0
    for (const { text, probability } of chances) {
      const [, digits, after] = /^(\d+)(.*)$/s.exec(text) ?? []
      if (digits === undefined) continue
      goesOn += probability
      const number = said + digits
      const share = mass * probability
      const canGrow = after === '' && allowed.some((one) => one.length > number.length && one.startsWith(number))
      if (canGrow && share >= WORTH_A_LOOK) await follow(number, [...spoken, text], share)
      else add(number, share)
    }
    if (said !== '') add(said, mass * Math.max(0, 1 - goesOn))
  }

  await follow('', [], 1)
  const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0)
  if (total === 0) return null
  return [...weights].reduce((sum, [digits, weight]) => sum + Number(digits) * weight, 0) / total
}
