import { Checkbox, NumberInput, Textarea } from '@mantine/core'
import { Fragment, useState } from 'react'
import type { EngineView, ModelsView } from '../../../../src-preload/contract/model.ts'
import * as format from '../../../lib/format.ts'
import { servedModels } from '../../../lib/use-models.ts'
import { Absent } from '../../../ui/absent.tsx'
import { Button } from '../../../ui/button.tsx'
import { Chip } from '../../../ui/chip.tsx'
import type { Role } from '../shapes.ts'
import { isVaried, modelKey, roleTemperature, type AgentDraft } from './draft.ts'
import { messageAt, type Refusal } from './form-fields.ts'
import { ModelSelect } from './model-select.tsx'

interface AgentTableProps {
  agents: readonly AgentDraft[]
  onChange: (agents: AgentDraft[]) => void
  role: Pick<Role, 'temperature'> | undefined
  models: ModelsView | null
  /** Key of the model of agents that chose none. */
  usual: string | null
  refusal: Refusal | null
}

const VARIED = 'Asked for another approach than the obvious one, and a little warmer'

/** One row an agent: its model, its temperature, its own persona, and whether its engine can answer. */
export function AgentTable({ agents, onChange, role, models, usual, refusal }: AgentTableProps) {
  const [opened, setOpened] = useState<number | null>(null)
  const put = (at: number, patch: Partial<AgentDraft>) =>
    onChange(agents.map((agent, index) => (index === at ? { ...agent, ...patch } : agent)))
  const first = agents[0]
  return (
    <table className="data-table agents-table" aria-label="Agents">
      <thead>
        <tr>
          <th scope="col">Agent</th>
          <th scope="col">Model</th>
          <th scope="col">Temp.</th>
          <th scope="col" title={VARIED}>
            Varied
          </th>
          <th scope="col">Persona</th>
          <th scope="col">Engine</th>
          <th scope="col" className="num">
            Measured
          </th>
        </tr>
      </thead>
      <tbody>
        {agents.map((agent, at) => {
          const id = `agent-${String(at + 1).padStart(3, '0')}`
          const varied = isVaried(agent, at)
          const warmth = roleTemperature(role, varied)
          return (
            <Fragment key={at}>
              <tr>
                <td className="mono">{id}</td>
                <td>
                  <ModelSelect
                    label={`Model of ${id}`}
                    value={agent.model}
                    usual={usual}
                    models={models}
                    onChange={(model) => put(at, { model })}
                    error={messageAt(refusal, { part: 'agent', index: at, what: 'model' })}
                  />
                </td>
                <td>
                  <NumberInput
                    aria-label={`Temperature of ${id}`}
                    value={agent.temperature ?? ''}
                    placeholder={warmth === null ? '' : warmth.toFixed(2)}
                    min={0}
                    max={2}
                    step={0.1}
                    decimalScale={2}
                    onChange={(value) => put(at, { temperature: typeof value === 'number' ? value : null })}
                    error={messageAt(refusal, { part: 'agent', index: at, what: 'temperature' })}
                  />
                </td>
                <td>
                  <Checkbox
                    aria-label={`Ask ${id} for another approach`}
                    title={VARIED}
                    checked={varied}
                    onChange={(event) => {
                      const { checked } = event.currentTarget
                      put(at, { diversity: checked === isVaried({}, at) ? undefined : checked })
                    }}
                  />
                </td>
                <td>
                  <Button
                    size="sm"
                    variant="quiet"
                    label={`${personaOf(agent)}, persona of ${id}`}
                    expanded={opened === at}
                    onClick={() => setOpened(opened === at ? null : at)}
                  >
                    {personaOf(agent)}
                  </Button>
                </td>
                <EngineCells value={agent.model ?? usual} models={models} />
              </tr>
              {opened === at && (
                <tr>
                  <td />
                  <td colSpan={6} className="persona-cell">
                    <Textarea
                      aria-label={`What ${id} is told about who it is`}
                      placeholder="In place of the role’s persona, e.g. “You are a tester who distrusts every happy path.”"
                      autosize
                      minRows={2}
                      maxRows={8}
                      maxLength={2000}
                      value={agent.persona ?? ''}
                      onChange={(event) =>
                        put(at, { persona: event.currentTarget.value === '' ? null : event.currentTarget.value })
                      }
                    />
                  </td>
                </tr>
              )}
            </Fragment>
          )
        })}
      </tbody>
      {agents.length > 1 && first && agents.some((agent) => agent.model !== first.model) && (
        <tfoot>
          <tr>
            <td />
            <td colSpan={6}>
              <Button
                size="sm"
                variant="quiet"
                onClick={() => onChange(agents.map((agent) => ({ ...agent, model: first.model })))}
              >
                Give all agents the first one’s model
              </Button>
            </td>
          </tr>
        </tfoot>
      )}
    </table>
  )
}

function personaOf({ persona }: AgentDraft): string {
  return persona === null || persona.trim() === '' ? 'the role’s' : 'own'
}

function EngineCells({ value, models }: { value: string | null; models: ModelsView | null }) {
  const served = models === null ? [] : servedModels(models)
  const model = served.find((candidate) => modelKey(candidate.reference) === value)
  const engine = models?.engines.find((candidate) => candidate.engine_id === model?.reference.engine_id)
  if (!model || !engine) {
    return (
      <td colSpan={2}>
        <span className="fg3">{models === null ? 'asking the engines' : 'no engine serves it'}</span>
      </td>
    )
  }
  return (
    <>
      <td title={`${engine.name}: ${engine.detail}`}>
        <span className="row">
          <EngineState engine={engine} />
          <span className="engine-name cut fg2">{engine.name}</span>
        </span>
      </td>
      <td className="num fg2">
        {model.tokens_per_second === null ? (
          <Absent reason="no call has run on it yet" />
        ) : (
          `${format.rate(model.tokens_per_second)} tok/s × ${model.parallel}`
        )}
      </td>
    </>
  )
}

function EngineState({ engine }: { engine: EngineView }) {
  if (engine.waiting > 0) {
    return (
      <Chip tone="neutral" shape="wait" plain title={engine.detail}>
        {engine.waiting} waiting
      </Chip>
    )
  }
  switch (engine.state) {
    case 'ready':
      return (
        <Chip tone="good" plain title={engine.detail}>
          Ready
        </Chip>
      )
    case 'starting':
      return (
        <Chip tone="info" shape="run" plain title={engine.detail}>
          Starting
        </Chip>
      )
    case 'stopped':
      return (
        <Chip shape="pause" plain title={engine.detail}>
          Starts at launch
        </Chip>
      )
    case 'absent':
    case 'failed':
      return (
        <Chip tone="bad" plain title={engine.detail}>
          Failed
        </Chip>
      )
    case 'unknown':
      return (
        <Chip shape="dash" plain title={engine.detail}>
          Not checked
        </Chip>
      )
  }
}
