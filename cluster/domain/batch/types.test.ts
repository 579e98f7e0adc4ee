import { expectTypeOf, test } from 'vitest'
import type * as shapes from '../../messages/batch.ts'
import type * as views from '../../messages/batch-views.ts'
import type * as domain from './types.ts'

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
