import { Checkbox, Modal, NumberInput, PasswordInput, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import type { EndpointInput, EngineView } from '../../../src-preload/contract/model.ts'
import { useHost, type HostClient } from '../../lib/console.tsx'
import { messageOf, refusedField } from '../../lib/failure.ts'
import { counted, duration, integer } from '../../lib/format.ts'
import { Button } from '../../ui/button.tsx'
import { Shape } from '../../ui/icons.tsx'
import { endpointInputOf, type EndpointFields } from './endpoint-fields.ts'

type Tested = Awaited<ReturnType<HostClient['model']['testEndpoint']>>

/** Adds or edits an OpenAI-compatible endpoint. The key goes to the host and never comes back. */
export function EndpointDialog({ engine, onClose }: { engine: EngineView | null; onClose: () => void }) {
  const host = useHost()
  const [tested, setTested] = useState<Tested | null>(null)
  const [testing, setTesting] = useState(false)
  const form = useForm<EndpointFields>({
    initialValues: {
      name: engine?.name ?? '',
      baseUrl: engine?.base_url ?? '',
      key: '',
      removeKey: false,
      parallel: engine?.parallel ?? 4,
    },
    validate: {
      name: (name) => (name.trim() === '' ? 'Give it a name.' : null),
      baseUrl: (url) =>
        /^https?:\/\/.+/.test(url.trim()) ? null : 'Begin with http:// or https://, e.g. http://127.0.0.1:8000/v1',
    },
  })
  const send = async (command: (input: EndpointInput & { engine_id?: string }) => Promise<void>) => {
    try {
      await command({ ...endpointInputOf(form.values), ...(engine !== null && { engine_id: engine.engine_id }) })
    } catch (fault) {
      form.setFieldError(fieldOf(refusedField(fault)?.field), messageOf(fault))
    }
  }
  const test = async () => {
    if (form.validate().hasErrors) return
    setTesting(true)
    setTested(null)
    await send(async (input) => setTested(await host.model.testEndpoint(input)))
    setTesting(false)
  }
  const save = form.onSubmit(() =>
    send(async (input) => {
      await host.model.saveEndpoint(input)
      onClose()
    }),
  )
  return (
    <Modal opened onClose={onClose} title={engine === null ? 'Add an endpoint' : `Edit ${engine.name}`} size="md">
      <form className="stack gap-3" onSubmit={save}>
        <TextInput label="Name" placeholder="vLLM on the big box" data-autofocus {...form.getInputProps('name')} />
        <TextInput
          label="Base URL"
          description="Up to and with /v1: the models are read from /models below it."
          placeholder="http://127.0.0.1:8000/v1"
          {...form.getInputProps('baseUrl')}
        />
        <div className="field-pair">
          <PasswordInput
            label="API key"
            description={engine?.has_key === true ? 'One is stored; empty keeps it.' : 'Only if the server asks for one.'}
            autoComplete="off"
            disabled={form.values.removeKey}
            {...form.getInputProps('key')}
          />
          <NumberInput
            label="Parallel calls"
            description="More wait in line."
            min={1}
            max={256}
            hideControls={false}
            {...form.getInputProps('parallel')}
          />
        </div>
        {engine?.has_key === true && (
          <Checkbox label="Delete the stored key" {...form.getInputProps('removeKey', { type: 'checkbox' })} />
        )}
        <TestResult tested={tested} testing={testing} />
        <div className="row">
          <Button pending={testing} onClick={() => void test()}>
            Test
          </Button>
          <span className="push" />
          <Button variant="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button command variant="primary" type="submit" pending={form.submitting}>
            {engine === null ? 'Add' : 'Save'}
          </Button>
        </div>
      </form>
    </Modal>
  )
}

function fieldOf(refused: string | undefined): keyof EndpointFields {
  if (refused === 'api_key') return 'key'
  return refused === 'name' ? 'name' : 'baseUrl'
}

const modelsShown = 8

function TestResult({ tested, testing }: { tested: Tested | null; testing: boolean }) {
  if (testing) {
    return (
      <p className="row t12 fg2" role="status">
        <Shape name="run" tone="info" /> Asking the endpoint for its models; nothing is stored.
      </p>
    )
  }
  if (tested === null) return null
  const { ok, detail, latency_ms, models } = tested
  return (
    <div className="test-result" role="status">
      <p className="row t12">
        <Shape name={ok ? 'good' : 'bad'} />
        <span className="med">{ok ? `It answers: ${counted(models.length, 'model')}` : 'It does not answer as expected'}</span>
        {latency_ms !== null && <span className="push fg3">{duration(latency_ms)}</span>}
      </p>
      <p className="t12 fg2">{detail}</p>
      <ul className="t12">
        {models.slice(0, modelsShown).map(({ model, context_tokens }) => (
          <li key={model} className="row">
            <span className="mono cut">{model}</span>
            <span className="push fg3 nowrap">
              {context_tokens === null ? 'context not stated' : `${integer(context_tokens)} tok`}
            </span>
          </li>
        ))}
        {models.length > modelsShown && (
          <li className="fg3">
            first {modelsShown} of {models.length}
          </li>
        )}
      </ul>
    </div>
  )
}
