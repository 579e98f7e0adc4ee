import { batch } from './batch.ts'
import { council } from './council.ts'
import { deliberation } from './deliberation.ts'
import { key } from './key.ts'
import { model } from './model.ts'
import { policy } from './policy.ts'
import { settings } from './settings.ts'
import { system } from './system.ts'
import { template } from './template.ts'

/** Everything the page may ask of the host. */
export const consoleContract = { system, batch, deliberation, council, template, model, policy, key, settings }
export type ConsoleContract = typeof consoleContract
