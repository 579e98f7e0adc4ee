import type { Dispatch } from '../../ports/commands.ts'
import { councilHandlers } from './council.ts'
import { deliberationHandlers, type DeliberationCommandPorts } from './deliberation.ts'
import { createDispatch, type DispatchPorts } from './dispatch.ts'
import { templateHandlers } from './template.ts'

/** Every command over the use cases of a plane and its read models. */
export function createCommands(ports: DeliberationCommandPorts & DispatchPorts): Dispatch {
  const handlers = {
    council: councilHandlers(ports.plane.councils),
    deliberation: deliberationHandlers(ports),
    template: templateHandlers(ports.plane.templates),
  }
  return createDispatch(handlers, ports)
}
