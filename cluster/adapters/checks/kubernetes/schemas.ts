import { readFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import * as z from 'zod'

const published = z.object({
  version: z.string(),
  kinds: z.record(z.string(), z.string()),
  definitions: z.record(z.string(), z.unknown()),
})

/** The API as a version of Kubernetes publishes it. */
export interface KubernetesSchemas {
  readonly version: string
  /** Null for a kind that is not part of it. */
  validatorOf(apiVersion: string, kind: string): ValidateFunction | null
}

export async function readKubernetesSchemas(file: string): Promise<KubernetesSchemas> {
  const { version, kinds, definitions } = published.parse(JSON.parse(gunzipSync(await readFile(file)).toString('utf8')))
  const ajv = new Ajv({ strict: false, allErrors: true, allowUnionTypes: true, validateFormats: false, inlineRefs: false })
  ajv.addSchema({ $id: 'kubernetes', definitions })
  return {
    version,
    validatorOf(apiVersion, kind) {
      const key = `${apiVersion}/${kind}`
      const name = Object.hasOwn(kinds, key) ? kinds[key] : undefined
      return name === undefined ? null : (ajv.getSchema(`kubernetes#/definitions/${name}`) ?? null)
    },
  }
}

/** A fault of the validator as a person would say it. */
export function inWords({ keyword, params, message }: ErrorObject): string {
  if (keyword === 'additionalProperties') return `unknown field “${String(params['additionalProperty'])}”`
  if (keyword === 'required') return `“${String(params['missingProperty'])}” is missing`
  return message ?? keyword
}
