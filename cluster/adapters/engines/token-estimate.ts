/** English takes about four bytes a token, code and other languages fewer. */
const BYTES_PER_TOKEN = 2.5

/** An upper estimate of the tokens of `text`, for engines whose tokenizer is not at hand. */
export function estimateTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN)
}
