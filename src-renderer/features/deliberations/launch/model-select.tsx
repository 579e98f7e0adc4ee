import { Select } from '@mantine/core'
import type { ModelsView } from '../../../../src-preload/contract/model.ts'
import { servedModels } from '../../../lib/use-models.ts'
import { modelKey, modelOfKey } from './draft.ts'

interface ModelSelectProps {
  label: string
  /** Null: the first that is served. */
  value: string | null
  models: ModelsView | null
  onChange: (model: string) => void
  error?: string | undefined
}

export function ModelSelect({ label, value, models, onChange, error }: ModelSelectProps) {
  const served = models === null ? [] : servedModels(models)
  const engines = [...new Set(served.map((model) => model.engine))]
  const groups = engines.map((engine) => ({
    group: engine,
    items: served
      .filter((model) => model.engine === engine)
      .map((model) => ({ value: modelKey(model.reference), label: model.label })),
  }))
  const shown = value ?? (served[0] ? modelKey(served[0].reference) : null)
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
