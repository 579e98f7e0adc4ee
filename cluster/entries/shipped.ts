import { randomBytes, randomInt } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import * as z from 'zod'
import { systemClock } from '../adapters/system/clock.ts'
import { policyRule } from '../messages/policies.ts'
import { role } from '../messages/roles.ts'
import { template } from '../messages/templates.ts'
import { readShippedPrompts } from './shipped-prompts.ts'

const ID_ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789'

/** What every plane has, wherever its stores are: shipped roles, policies, templates and prompts, time and chance. */
export async function readShipped(resourcesDir: string) {
  const shippedRoles = z.array(role).parse(await readYaml(join(resourcesDir, 'roles.yaml')))
  const shippedPolicies = z.array(policyRule).parse(await readYaml(join(resourcesDir, 'policies.yaml')))
  const shippedTemplates = z.array(template).parse(await readYaml(join(resourcesDir, 'templates.yaml')))
  return {
    shippedRoles,
    shippedPolicies,
    shippedTemplates,
    ...(await readShippedPrompts(join(resourcesDir, 'prompts'))),
    clock: systemClock,
    parseText: (text: string) => parse(text) as unknown,
    newId: () => Array.from(randomBytes(6), (byte) => ID_ALPHABET[byte % ID_ALPHABET.length]).join(''),
    newSeed: () => randomInt(2 ** 31 - 1),
  }
}

async function readYaml(file: string): Promise<unknown> {
  return parse(await readFile(file, 'utf8')) as unknown
}
