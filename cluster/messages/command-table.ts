import type { Command, Commands } from './commands.ts'
import { councilCommands } from './council-commands.ts'
import { deliberationCommands } from './deliberation-commands.ts'
import { templateCommands } from './template-commands.ts'

/** Everything that can be asked of a plane, by capability and verb. */
export const commandTable = {
  council: councilCommands,
  deliberation: deliberationCommands,
  template: templateCommands,
} satisfies Readonly<Record<string, Commands>>

export type CommandTable = typeof commandTable

/** `capability.verb`: the name of a command on every way in. */
export type CommandName = { [C in keyof CommandTable]: `${C}.${keyof CommandTable[C] & string}` }[keyof CommandTable]

/** Each command by its name. */
export const commandsByName: ReadonlyMap<string, Command> = new Map(
  Object.entries(commandTable).flatMap(([capability, commands]) =>
    Object.entries<Command>(commands).map(([verb, command]) => [`${capability}.${verb}`, command] as const),
  ),
)
