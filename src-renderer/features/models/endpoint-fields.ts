import type { EndpointInput } from '../../../src-preload/contract/model.ts'

export interface EndpointFields {
  name: string
  baseUrl: string
  key: string
  removeKey: boolean
  parallel: number | string
}

/** The form as the host wants it. No key in the field keeps the stored one; only the tick removes it. */
export function endpointInputOf(fields: EndpointFields): EndpointInput {
  const key = fields.removeKey ? '' : fields.key.trim()
  return {
    name: fields.name.trim(),
    base_url: fields.baseUrl.trim().replace(/\/+$/, ''),
    ...((fields.removeKey || key !== '') && { api_key: key }),
    ...(fields.parallel !== '' && { parallel: Number(fields.parallel) }),
  }
}
