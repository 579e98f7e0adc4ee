import * as z from 'zod'

const size = z.int().positive().nullish().catch(null)

// How servers say what a model's context is: vLLM, OpenRouter and others, LM Studio, llama.cpp.
const modelList = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      root: z.string().nullish().catch(null),
      max_model_len: size,
      context_length: size,
      context_window: size,
      max_context_length: size,
      meta: z.object({ n_ctx: size, n_ctx_train: size }).nullish().catch(null),
    }),
  ),
})

export interface ListedModel {
  readonly model: string
  /** What the server says stands behind the name; vLLM does. */
  readonly origin?: string | undefined
  /** Null where the server does not say. */
  readonly contextTokens: number | null
}

/** The models of a `/models` reply. Throws ZodError if it is something else. */
export function readModelList(reply: unknown): ListedModel[] {
  return modelList.parse(reply).data.map((model) => ({
    model: model.id,
    ...(model.root && { origin: model.root }),
    contextTokens:
      model.max_model_len ??
      model.context_length ??
      model.context_window ??
      model.max_context_length ??
      model.meta?.n_ctx ??
      model.meta?.n_ctx_train ??
      null,
  }))
}
