import { expectTypeOf, test } from 'vitest'
import type * as events from '../../messages/batch-events.ts'
import type * as shapes from '../../messages/batch.ts'
import type * as views from '../../messages/batch-views.ts'
import type * as domain from './types.ts'

/** As the domain holds it: nothing in it is written to. */
type Frozen<T> = T extends readonly (infer _)[]
  ? { readonly [K in keyof T]: Frozen<T[K]> }
  : T extends object
    ? { readonly [K in keyof T]: Frozen<T[K]> }
    : T

test('the domain speaks the same shapes as the wire, in both directions', () => {
  expectTypeOf<domain.SlaState>().toEqualTypeOf<shapes.SlaState>()
  expectTypeOf<domain.BatchEta>().toExtend<shapes.BatchEta>()
  expectTypeOf<shapes.BatchEta>().toExtend<domain.BatchEta>()
  expectTypeOf<domain.BatchRates>().toExtend<shapes.BatchRates>()
  expectTypeOf<shapes.BatchRates>().toExtend<domain.BatchRates>()
  expectTypeOf<domain.Admission>().toExtend<shapes.Admission>()
  expectTypeOf<shapes.Admission>().toExtend<domain.Admission>()
  expectTypeOf<domain.BatchHold>().toExtend<views.BatchHold>()
  expectTypeOf<views.BatchHold>().toExtend<domain.BatchHold>()
  expectTypeOf<domain.Forecast>().toExtend<views.Forecast>()
  expectTypeOf<views.Forecast>().toExtend<domain.Forecast>()
})

test('what a batch is and what can happen to it has one shape on both sides', () => {
  expectTypeOf<domain.BatchEvent>().toExtend<Frozen<events.BatchEvent>>()
  expectTypeOf<events.BatchEvent>().toExtend<domain.BatchEvent>()
  expectTypeOf<domain.BatchEvent['type']>().toEqualTypeOf<events.BatchEvent['type']>()
  expectTypeOf<domain.BatchSpec>().toExtend<shapes.BatchSpec>()
  expectTypeOf<shapes.BatchSpec>().toExtend<domain.BatchSpec>()
  expectTypeOf<domain.BatchSettings>().toExtend<shapes.BatchSettings>()
  expectTypeOf<shapes.BatchSettings>().toExtend<domain.BatchSettings>()
  expectTypeOf<domain.BatchPlan>().toExtend<shapes.BatchPlan>()
  expectTypeOf<shapes.BatchPlan>().toExtend<domain.BatchPlan>()
  expectTypeOf<domain.BatchCounts>().toExtend<shapes.BatchCounts>()
  expectTypeOf<shapes.BatchCounts>().toExtend<domain.BatchCounts>()
  expectTypeOf<domain.LineError>().toExtend<shapes.LineError>()
  expectTypeOf<shapes.LineError>().toExtend<domain.LineError>()
  expectTypeOf<domain.BatchStatus>().toEqualTypeOf<shapes.BatchStatus>()
  expectTypeOf<domain.BatchEndpoint>().toEqualTypeOf<shapes.BatchEndpoint>()
})
