import { Select } from '@mantine/core'
import type { ModelsView } from '../../../../src-preload/contract/model.ts'
import { servedModels } from '../../../lib/use-models.ts'
import { modelKey, modelOfKey } from './draft.ts'

interface ModelSelectProps {
  label: string
  /** Null: `usual`. */
  value: string | null
  /** Key of the model in force where none is chosen. */
  usual: string | null
  models: ModelsView | null
  onChange: (model: string) => void
  error?: string | undefined
}

export function ModelSelect({ label, value, usual, models, onChange, error }: ModelSelectProps) {
  const served = models === null ? [] : servedModels(models)
  const engines = [...new Set(served.map((model) => model.engine))]
  const groups = engines.map((engine) => ({
    group: engine,
    items: served
      .filter((model) => model.engine === engine)
      .map((model) => ({ value: modelKey(model.reference), label: model.label })),
  }))
  const shown = value ?? usual
  const missing = shown !== null && models !== null && !served.some((model) => modelKey(model.reference) === shown)
  const lost = missing ? [{ group: 'Not served now', items: [{ value: shown, label: modelOfKey(shown)?.model ?? shown }] }] : []
  return (
    <Select
      aria-label={label}
      data={[...groups, ...lost]}
      value={shown}
      placeholder="no model"
      onChange={(next) => next !== null && onChange(next)}
      error={error ?? (missing ? 'not served now' : undefined)}
      searchable={served.length > 8}
    />
  )
}
