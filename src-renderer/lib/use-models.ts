import {
  modelsView,
  type CatalogueModel,
  type EngineView,
  type ModelsView,
  type ServedModelView,
} from '../../src-preload/contract/model.ts'
import { useHost } from './console.tsx'
import type { Live } from './live-store.ts'
import { useStream } from './use-stream.ts'

/** Catalogue, engines and disk, live. */
export function useModels(): Live<ModelsView> {
  const host = useHost()
  return useStream('models', {
    open: (signal) => host.model.watch({}, signal),
    fold: (_: ModelsView | null, view) => view,
    cache: { name: 'models', schema: modelsView },
  })
}

/** Models that an agent can be given now. */
export function servedModels(view: ModelsView): readonly ServedModelView[] {
  return view.engines.filter(canServe).flatMap((engine) => engine.models)
}

/** Models of the catalogue that agents can be given once they are here. */
export function chatModels(view: ModelsView): readonly CatalogueModel[] {
  return view.catalogue.filter((model) => model.kind === 'chat')
}

/** A stopped embedded engine starts with its first call; one that failed or is absent answers nothing. */
function canServe(engine: EngineView): boolean {
  return engine.state !== 'failed' && engine.state !== 'absent'
}

/** The better model that fits this machine, where it is not here yet. */
export function offeredModel(view: ModelsView): CatalogueModel | undefined {
  return view.catalogue.find((model) => model.recommended && !model.starter && model.fit.fits && model.state.kind === 'absent')
}

/** Share of a download, 0 to 1, and the time left once a rate has been measured. */
export function downloadProgress(state: Extract<CatalogueModel['state'], { kind: 'downloading' }>): {
  share: number
  leftMs: number | null
} {
  const left = Math.max(0, state.total_bytes - state.done_bytes)
  const rate = state.bytes_per_second
  return {
    share: state.total_bytes > 0 ? state.done_bytes / state.total_bytes : 0,
    leftMs: rate === null || rate <= 0 ? null : (left / rate) * 1000,
  }
}
