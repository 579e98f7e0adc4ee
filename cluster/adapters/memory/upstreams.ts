import type { ServedModel } from '../../ports/engines.ts'
import type { ModelReference } from '../../messages/work.ts'
import type { UpstreamReply, UpstreamRequest, Upstreams } from '../../ports/upstreams.ts'

/** What a scripted upstream does with a request: an answer, or the UpstreamError it throws. `tries` counts those with this body, from 1. */
export type UpstreamScript = (
  request: UpstreamRequest,
  tries: number,
  signal: AbortSignal,
) => Promise<UpstreamReply> | UpstreamReply

/** A stand-in for upstreams in specs, with `others` beside its model. Never chosen by an entry. */
export function createScriptedUpstreams(
  script: UpstreamScript,
  model: ModelReference = { engine_id: 'scripted', model: 'small' },
  parallel = 4,
  others: readonly ServedModel[] = [],
): Upstreams & { readonly calls: () => number; readonly most: () => number } {
  const tries = new Map<string, number>()
  let [calls, running, most] = [0, 0, 0]
  const served = {
    reference: model,
    label: model.model,
    contextTokens: 4096,
    starter: false,
    parallel,
    tokensPerSecond: null,
  }
  return {
    async send(request, signal) {
      signal.throwIfAborted()
      const nth = (tries.get(request.body) ?? 0) + 1
      tries.set(request.body, nth)
      calls += 1
      running += 1
      most = Math.max(most, running)
      try {
        return await script(request, nth, signal)
      } finally {
        running -= 1
      }
    },
    open: () => Promise.reject(new Error('The script does not stream.')),
    resolve: (name) =>
      Promise.resolve(name === model.model ? { kind: 'found', served } : { kind: 'unknown', known: [model.model] }),
    served: () => Promise.resolve([served, ...others]),
    calls: () => calls,
    most: () => most,
  }
}

/** A chat answer of some tokens. */
export function chatReply(text: string, tokensOut = 10): UpstreamReply {
  const body = JSON.stringify({
    object: 'chat.completion',
    choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 5, completion_tokens: tokensOut },
  })
  return { status: 200, body, requestId: 'req-1', retryAfterMs: undefined, tokensIn: 5, tokensOut }
}

/** A refusal in OpenAI's shape. */
export function refusalReply(status: number, message: string, retryAfterMs?: number): UpstreamReply {
  const body = JSON.stringify({ error: { message, type: 'error', code: null, param: null } })
  return { status, body, requestId: null, retryAfterMs, tokensIn: 0, tokensOut: 0 }
}
