import type * as z from 'zod'
import type { settings } from '../../../src-preload/contract/settings.ts'

export type FileStoreView = z.output<(typeof settings)['fileStore']['output']>
type FileStore = FileStoreView['store']

export interface FileStoreFields {
  kind: FileStore['kind']
  endpoint: string
  bucket: string
  region: string
  accessKey: string
  secretKey: string
}

export function fieldsOf(store: FileStore): FileStoreFields {
  const s3 = store.kind === 's3' ? store : { endpoint: '', bucket: '', region: 'us-east-1' }
  return { kind: store.kind, endpoint: s3.endpoint, bucket: s3.bucket, region: s3.region, accessKey: '', secretKey: '' }
}

export function storeOf({ kind, endpoint, bucket, region }: FileStoreFields): FileStore {
  return kind === 'directory' ? { kind } : { kind, endpoint: endpoint.trim(), bucket: bucket.trim(), region: region.trim() }
}

/** Undefined: the keys that are kept stay. */
export function keysOf({ kind, accessKey, secretKey }: FileStoreFields) {
  return kind === 'directory' || (accessKey === '' && secretKey === '')
    ? undefined
    : { access_key: accessKey, secret_key: secretKey }
}

/** What is wrong with a form, by field; null where nothing is. */
export function problemsOf(fields: FileStoreFields, hasKeys: boolean) {
  if (fields.kind === 'directory') return {}
  const needsKeys = !hasKeys || fields.accessKey !== '' || fields.secretKey !== ''
  const isUrl = /^https?:\/\/[^\s/]/.test(fields.endpoint.trim())
  return {
    endpoint: isUrl ? null : 'An address such as https://s3.example.org, without the bucket.',
    bucket: /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(fields.bucket.trim())
      ? null
      : 'Its name: 3 to 63 lower-case letters, digits, dots and hyphens.',
    region: fields.region.trim() === '' ? 'us-east-1 where the store has no regions.' : null,
    accessKey: needsKeys && fields.accessKey === '' ? 'Both keys are needed.' : null,
    secretKey: needsKeys && fields.secretKey === '' ? 'Both keys are needed.' : null,
  }
}

export function storeWords(store: FileStore): string {
  return store.kind === 'directory' ? 'this machine' : `the bucket ${store.bucket} at ${store.endpoint}`
}
