import { openDirectoryBlobs } from '../adapters/directory/blobs.ts'
import { createS3Blobs } from '../adapters/s3/blobs.ts'
import { FILE_STORE_SECRETS, FILE_STORE_SETTING, fileStore } from '../messages/file-store.ts'
import type { Blobs } from '../ports/blobs.ts'
import { UnavailableError } from '../ports/errors.ts'
import type { Secrets } from '../ports/secrets.ts'
import type { SmallState } from '../ports/small-state.ts'

/** The store that the settings choose for files of batches: the folder `directory` unless they name an S3 store. */
export async function openFileStore(ports: {
  readonly state: SmallState
  readonly secrets: Secrets
  readonly directory: string
}): Promise<Blobs> {
  const entry = await ports.state.get(FILE_STORE_SETTING)
  const chosen = fileStore.parse(entry?.value ?? { kind: 'directory' })
  if (chosen.kind === 'directory') return await openDirectoryBlobs(ports.directory)
  const [accessKey, secretKey] = await Promise.all([
    ports.secrets.get(FILE_STORE_SECRETS.accessKey),
    ports.secrets.get(FILE_STORE_SECRETS.secretKey),
  ])
  if (accessKey === undefined || secretKey === undefined)
    throw new UnavailableError(
      `The keys of the object store ${chosen.endpoint} are not entered: set the access key and the secret key of the file store.`,
    )
  const { endpoint, bucket, region } = chosen
  return createS3Blobs({ endpoint, bucket, region, accessKey, secretKey })
}
