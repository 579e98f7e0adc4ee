/** An error body as OpenAI's API gives it; the official clients make typed exceptions of it by the status. */
export function openAiError(
  message: string,
  {
    type = 'invalid_request_error',
    param = null,
    code = null,
  }: { type?: string; param?: string | null; code?: string | null } = {},
): string {
  return JSON.stringify({ error: { message, type, param, code } })
}
