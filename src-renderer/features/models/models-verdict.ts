import type { CatalogueModel, ModelsView } from '../../../src-preload/contract/model.ts'
import { bytes, counted, duration, percent, rate } from '../../lib/format.ts'
import { chatModels, downloadProgress, offeredModel, servedModels } from '../../lib/use-models.ts'
import type { ShapeName, Tone } from '../../ui/icons.tsx'

interface Verdict {
  readonly tone: Tone
  readonly shape: ShapeName
  readonly text: string
  readonly why: string
}

/** The answer to "can this machine serve a model?" */
export function modelsVerdict(view: ModelsView | null, error: string | null): Verdict {
  if (view === null && error !== null)
    return { tone: 'bad', shape: 'bad', text: 'Not known: the models could not be read', why: error }
  if (view === null)
    return { tone: 'neutral', shape: 'dash', text: 'Waiting for the first picture', why: 'The host has not answered yet.' }
  const served = servedModels(view)
  const arriving = chatModels(view).find((model) => model.state.kind === 'downloading' || model.state.kind === 'verifying')
  const real = served.filter((model) => !model.starter)
  const why = whyLine(view)
  if (served.length === 0) {
    const text = arriving === undefined ? 'Not yet: no model is ready on any engine' : `Not yet: ${arrivalWords(arriving)}`
    return { tone: 'warn', shape: arriving === undefined ? 'warn' : 'run', text, why }
  }
  if (real.length === 0) {
    const text =
      arriving === undefined
        ? 'For trying the flow only: the starter is the one model here'
        : `The starter is ready; ${arrivalWords(arriving)}`
    return { tone: 'info', shape: arriving === undefined ? 'info' : 'run', text, why }
  }
  const fastest = real.toSorted((a, b) => (b.tokens_per_second ?? 0) - (a.tokens_per_second ?? 0))[0]
  const speed = fastest?.tokens_per_second == null ? '' : `, ${fastest.label} at ${rate(fastest.tokens_per_second)} tok/s`
  return { tone: 'good', shape: 'good', text: `Yes: ${counted(real.length, 'model')} ready${speed}`, why }
}

function whyLine(view: ModelsView): string {
  const memory = `${bytes(view.machine.free_memory_bytes)} of ${bytes(view.machine.memory_bytes)} memory is free, ${bytes(view.disk.free_bytes)} of disk.`
  const offered = offeredModel(view)
  if (offered === undefined) return memory
  return `${memory} ${offered.name} fits and gives real answers: ${bytes(offered.size_bytes)}.`
}

/** `Qwen3-4B is downloading, 43 %, about 2 m 10 s left` */
function arrivalWords(model: CatalogueModel): string {
  if (model.state.kind !== 'downloading') return `${model.name} is being verified`
  const { share, leftMs } = downloadProgress(model.state)
  return `${model.name} is downloading, ${percent(share)}${leftMs === null ? '' : `, about ${duration(leftMs)} left`}`
}
