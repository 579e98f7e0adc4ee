import * as z from 'zod'
import type { ModelReference } from '../messages/work.ts'
import type { SmallState } from '../ports/small-state.ts'

/** Micro-dollars per million tokens. */
const price = z.object({ price_in: z.int().nonnegative(), price_out: z.int().nonnegative() })
export type Price = z.infer<typeof price>

const key = ({ engine_id, model }: ModelReference): string => `price.${engine_id}.${encodeURIComponent(model)}`

/** Whether a model runs inside this product, on this machine: it costs nothing. */
export function isBuiltIn({ engine_id }: ModelReference): boolean {
  return engine_id === 'embedded'
}

/** The operator's price of a model; undefined where none was set. The embedded engine costs nothing. */
export async function readPrice(state: SmallState, model: ModelReference): Promise<Price | undefined> {
  if (isBuiltIn(model)) return { price_in: 0, price_out: 0 }
  const entry = await state.get(key(model))
  return entry && price.parse(entry.value)
}

/** Sets a price, or removes it. Runs keep the prices they were launched with. */
export async function writePrice(state: SmallState, model: ModelReference, value: Price | null): Promise<void> {
  if (value) await state.put(key(model), price.parse(value), 'any')
  else await state.remove(key(model))
}
