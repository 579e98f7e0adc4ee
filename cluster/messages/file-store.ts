import * as z from 'zod'

/** Where files of batches are kept: a setting in small state. The keys of an S3 store are secrets. */
export const fileStore = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('directory') }),
  z.strictObject({
    kind: z.literal('s3'),
    /** Without the bucket, such as `https://s3.example.org`. */
    endpoint: z.url({ protocol: /^https?$/ }),
    bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'the name of a bucket'),
    region: z.string().min(1).default('us-east-1'),
  }),
])
export type FileStore = z.infer<typeof fileStore>

export const FILE_STORE_SETTING = 'settings.file_store'
export const FILE_STORE_SECRETS = { accessKey: 'file-store.access-key', secretKey: 'file-store.secret-key' } as const
