import type { EmbeddedPlane } from '../../../cluster/entries/embedded.ts'
import type { Handlers } from '../../../src-preload/contract/define.ts'
import { ConsoleError } from '../../../src-preload/contract/errors.ts'
import type { consoleContract } from '../../../src-preload/contract/index.ts'
import { changes } from '../feeds/changes.ts'
import { accept } from './refusals.ts'

const INTERVAL_MS = 250

export function modelHandlers({ models }: EmbeddedPlane): Handlers<typeof consoleContract>['model'] {
  return {
    watch: async function* (_, signal) {
      const changed = changes((onChanged) => models.onChanged(() => onChanged(['models'])), INTERVAL_MS, signal)
      yield await models.view()
      for await (const _key of changed) yield await models.view()
    },
    download: ({ id }) => {
      if (!models.startDownload(id)) throw new ConsoleError('not-found', `The catalogue has no model ${id}.`)
      return Promise.resolve({})
    },
    cancelDownload: ({ id }) => {
      if (!models.cancelDownload(id)) throw new ConsoleError('conflict', `${id} is not being downloaded.`)
      return Promise.resolve({})
    },
    remove: async ({ id }) => ({ freed_bytes: accept(await models.remove(id)).freedBytes }),
    importFile: async ({ path }) => ({ id: accept(await models.importFile(path)).id }),
    testEndpoint: async (input) => {
      const { ok, detail, latency_ms, models: listed } = accept(await models.testEndpoint(input))
      return { ok, detail, latency_ms, models: listed }
    },
    saveEndpoint: async (input) => ({ engine_id: accept(await models.saveEndpoint(input)).id }),
    removeEndpoint: async ({ engine_id }) => {
      if (!(await models.removeEndpoint(engine_id))) throw new ConsoleError('not-found', `There is no endpoint ${engine_id}.`)
      return {}
    },
    setPrice: async ({ model, price_in, price_out }) => {
      await models.setPrice(
        model,
        price_in === null && price_out === null ? null : { price_in: price_in ?? 0, price_out: price_out ?? 0 },
      )
      return {}
    },
  }
}
