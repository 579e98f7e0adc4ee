import type { EmbeddedPlane } from '../../../cluster/entries/embedded.ts'
import type { Handlers } from '../../../src-preload/contract/define.ts'
import { ConsoleError } from '../../../src-preload/contract/errors.ts'
import type { consoleContract } from '../../../src-preload/contract/index.ts'
import { changes } from '../feeds/changes.ts'
import { accept } from './refusals.ts'

const INTERVAL_MS = 100

export function policyHandlers({
  policies,
  stateChanged,
}: Pick<EmbeddedPlane, 'policies' | 'stateChanged'>): Handlers<typeof consoleContract>['policy'] {
  const all = async () => ({ rules: await policies.list() })

  return {
    watch: async function* (_, signal) {
      const changed = changes(
        (onChanged) => stateChanged((key) => key.startsWith('policy.') && onChanged([key])),
        INTERVAL_MS,
        signal,
      )
      yield await all()
      for await (const _key of changed) yield await all()
    },

    save: async ({ rule }) => {
      accept(await policies.write(rule))
      return {}
    },

    reset: async ({ name }) => {
      if (!(await policies.reset(name))) throw new ConsoleError('not-found', `The rule ${name} is as it was shipped.`)
      return {}
    },

    faultOf: async (rule) => ({ fault: await policies.faultOf(rule) }),

    test: async ({ rules, content }) => ({ result: await policies.test(rules, content) }),
  }
}
