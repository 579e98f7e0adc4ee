import { Modal, NumberInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import type { ServedModelView } from '../../../src-preload/contract/model.ts'
import { useHost } from '../../lib/console.tsx'
import { messageOf } from '../../lib/failure.ts'
import { Button } from '../../ui/button.tsx'
import { Shape } from '../../ui/icons.tsx'
import { dollarsOf, microUsdOf } from './price.ts'

/** Sets what a model costs. Empty fields mean: no price. */
export function PriceDialog({ model, onClose }: { model: ServedModelView; onClose: () => void }) {
  const host = useHost()
  const form = useForm({
    initialValues: { priceIn: dollarsOf(model.price_in), priceOut: dollarsOf(model.price_out) },
    validate: {
      priceOut: (value, { priceIn }) => ((value === '') !== (priceIn === '') ? 'Set both prices, or neither.' : null),
    },
  })
  const save = form.onSubmit(async ({ priceIn, priceOut }) => {
    try {
      await host.model.setPrice({ model: model.reference, price_in: microUsdOf(priceIn), price_out: microUsdOf(priceOut) })
      onClose()
    } catch (fault) {
      form.setFieldError('priceOut', messageOf(fault))
    }
  })
  return (
    <Modal opened onClose={onClose} title={`Price of ${model.label}`} size="sm">
      <form className="stack gap-3" onSubmit={save}>
        <p className="row t12 fg2">
          <Shape name="info" /> Runs that are already launched keep the price they began with.
        </p>
        <div className="field-pair">
          <NumberInput
            label="In, $ per million tokens"
            prefix="$"
            min={0}
            max={10_000}
            decimalScale={6}
            data-autofocus
            {...form.getInputProps('priceIn')}
          />
          <NumberInput
            label="Out, $ per million tokens"
            prefix="$"
            min={0}
            max={10_000}
            decimalScale={6}
            {...form.getInputProps('priceOut')}
          />
        </div>
        <div className="row">
          <span className="push" />
          <Button variant="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button command variant="primary" type="submit" pending={form.submitting}>
            Save the price
          </Button>
        </div>
      </form>
    </Modal>
  )
}
