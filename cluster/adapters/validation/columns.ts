/** Stands for a number that is not there. */
export const NONE = -1

/** Numbers of a request, in this order: n, offset, length, bodyOffset, bodyLength, tokensIn, maxTokens, mostTokensIn. */
export const FIELDS = 8

/** Requests as numbers in one typed array: it crosses threads without a copy. */
export interface Columns {
  add(
    n: number,
    offset: number,
    length: number,
    bodyOffset: number,
    bodyLength: number,
    tokensIn: number,
    maxTokens: number,
    mostTokensIn: number,
  ): void
  readonly count: number
  /** A copy of the requests from the place `from` on. */
  since(from: number): Float64Array<ArrayBuffer>
}

export function createColumns(): Columns {
  let numbers = new Float64Array(FIELDS * 1024)
  let filled = 0
  return {
    add(n, offset, length, bodyOffset, bodyLength, tokensIn, maxTokens, mostTokensIn) {
      if (filled === numbers.length) {
        const larger = new Float64Array(numbers.length * 2)
        larger.set(numbers)
        numbers = larger
      }
      numbers[filled] = n
      numbers[filled + 1] = offset
      numbers[filled + 2] = length
      numbers[filled + 3] = bodyOffset
      numbers[filled + 4] = bodyLength
      numbers[filled + 5] = tokensIn
      numbers[filled + 6] = maxTokens
      numbers[filled + 7] = mostTokensIn
      filled += FIELDS
    },
    get count() {
      return filled / FIELDS
    },
    since: (from) => numbers.slice(from * FIELDS, filled),
  }
}
