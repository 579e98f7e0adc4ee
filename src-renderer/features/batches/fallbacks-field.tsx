import { Select, Switch } from '@mantine/core'
import type { FallbackModel } from '../../../src-preload/contract/batch.ts'
import type { ServedModelView } from '../../../src-preload/contract/model.ts'
import * as format from '../../lib/format.ts'
import { Button } from '../../ui/button.tsx'
import './fallbacks-field.css'

interface FallbacksFieldProps {
  value: readonly FallbackModel[]
  onChange: (value: readonly FallbackModel[]) => void
  /** Those that are served now. */
  models: readonly ServedModelView[]
}

const MOST = 4
const keyOf = ({ engine_id, model }: Pick<FallbackModel, 'engine_id' | 'model'>): string => `${engine_id}/${model}`

/** Models that stand in near the deadline, in the order in which they are asked. */
export function FallbacksField({ value, onChange, models }: FallbacksFieldProps) {
  const named = new Set(value.map(keyOf))
  const free = models.filter(({ reference }) => !named.has(keyOf(reference)))
  const add = (key: string | null) => {
    const found = free.find(({ reference }) => keyOf(reference) === key)
    if (found) onChange([...value, { ...found.reference, escalation_only: false }])
  }
  return (
    <fieldset className="fallbacks">
      <legend>Fallback models</legend>
      <p className="t12 fg3">
        They answer rows only near the deadline, while the batch’s own model is away or too slow. The first that can is taken.
      </p>
      {value.length > 0 && (
        <ol className="stack gap-1">
          {value.map((fallback, at) => (
            <li key={keyOf(fallback)} className="row wrap">
              <span className="cut">
                {at + 1}. {fallback.model} <span className="fg3">{aboutOf(fallback, models)}</span>
              </span>
              <Switch
                label="Only in the last 15 minutes"
                aria-label={`${fallback.model} only in the last 15 minutes`}
                checked={fallback.escalation_only}
                onChange={(event) => {
                  const escalation_only = event.currentTarget.checked
                  onChange(value.map((one) => (one === fallback ? { ...one, escalation_only } : one)))
                }}
              />
              <Button
                size="sm"
                variant="quiet"
                icon="close"
                label={`Remove ${fallback.model}`}
                onClick={() => onChange(value.filter((one) => one !== fallback))}
              />
            </li>
          ))}
        </ol>
      )}
      {value.length < MOST && (
        <Select
          aria-label="Add a fallback model"
          placeholder={free.length === 0 ? 'no other model is served now' : 'add one'}
          data={free.map(({ reference, label, engine }) => ({ value: keyOf(reference), label: `${label}, ${engine}` }))}
          value={null}
          onChange={add}
          disabled={free.length === 0}
          searchable={free.length > 8}
        />
      )}
    </fieldset>
  )
}

/** Where it runs and what it costs. */
function aboutOf(fallback: FallbackModel, models: readonly ServedModelView[]): string {
  const found = models.find(({ reference }) => keyOf(reference) === keyOf(fallback))
  if (!found) return `on ${fallback.engine_id}, not served now`
  const { engine, price_in: into, price_out: out } = found
  const price =
    into === null || out === null ? 'no price set' : `${format.cost(into)} in, ${format.cost(out)} out a million tokens`
  return `on ${engine}, ${price}`
}
