import { openDirectoryBlobs } from '../adapters/directory/blobs.ts'
import { createS3Blobs } from '../adapters/s3/blobs.ts'
import { FILE_STORE_SECRETS, FILE_STORE_SETTING, fileStore, type FileStore } from '../messages/file-store.ts'
import type { Blobs } from '../ports/blobs.ts'
import { UnavailableError } from '../ports/errors.ts'
import type { Secrets } from '../ports/secrets.ts'
import type { SmallState } from '../ports/small-state.ts'

interface FileStorePorts {
  readonly state: SmallState
  readonly secrets: Secrets
  readonly directory: string
}

export interface StoreKeys {
  readonly access_key: string
  readonly secret_key: string
}

/** Where files of batches are kept, as the settings say it; `in_use`: as they said it when this process started. */
export interface FileStoreChoice {
  read(): Promise<{ readonly store: FileStore; readonly in_use: FileStore; readonly has_keys: boolean }>
  /**
   * Tries the store out, then keeps the choice; it is used from the next start on. `keys` undefined: those that are kept. Rejects with
   * UnavailableError, with nothing kept, where the store cannot be written and read.
   */
  save(store: FileStore, keys: StoreKeys | undefined): Promise<void>
}

/** The store that the settings choose for files of batches: the folder `directory` unless they name an S3 store. */
export async function openFileStore(ports: FileStorePorts): Promise<Blobs> {
  const chosen = await readFileStore(ports.state)
  if (chosen.kind === 'directory') return await openDirectoryBlobs(ports.directory)
  const keys = await storedKeys(ports.secrets)
  return keys ? s3Blobs(chosen, keys) : withoutKeys(chosen.endpoint)
}

export function createFileStoreChoice({
  state,
  secrets,
  inUse,
}: Omit<FileStorePorts, 'directory'> & { readonly inUse: FileStore }): FileStoreChoice {
  return {
    read: async () => ({
      store: await readFileStore(state),
      in_use: inUse,
      has_keys: (await storedKeys(secrets)) !== undefined,
    }),

    async save(store, given) {
      if (store.kind === 's3') {
        const keys = given ?? (await storedKeys(secrets))
        if (!keys) throw new UnavailableError(`Enter the access key and the secret key of ${store.endpoint}.`)
        await tryOut(s3Blobs(store, keys))
        await secrets.set(FILE_STORE_SECRETS.accessKey, keys.access_key)
        await secrets.set(FILE_STORE_SECRETS.secretKey, keys.secret_key)
      }
      await state.put(FILE_STORE_SETTING, store, 'any')
    },
  }
}

/** The store that the settings name now. */
export async function readFileStore(state: SmallState): Promise<FileStore> {
  return fileStore.parse((await state.get(FILE_STORE_SETTING))?.value ?? { kind: 'directory' })
}

async function storedKeys(secrets: Secrets): Promise<StoreKeys | undefined> {
  const [access_key, secret_key] = await Promise.all([
    secrets.get(FILE_STORE_SECRETS.accessKey),
    secrets.get(FILE_STORE_SECRETS.secretKey),
  ])
  return access_key === undefined || secret_key === undefined ? undefined : { access_key, secret_key }
}

function s3Blobs({ endpoint, bucket, region }: Extract<FileStore, { kind: 's3' }>, keys: StoreKeys): Blobs {
  return createS3Blobs({ endpoint, bucket, region, accessKey: keys.access_key, secretKey: keys.secret_key })
}

async function tryOut(blobs: Blobs): Promise<void> {
  const { sha256 } = await blobs.put(new TextEncoder().encode(`Signalbox tries this store out, ${new Date().toISOString()}`))
  if (!(await blobs.get(sha256))) throw new UnavailableError('The store took a file and does not give it back.')
  await blobs.remove(sha256)
}

/** The console opens all the same: whatever needs a file says what is missing. */
function withoutKeys(endpoint: string): Blobs {
  const refuse = (): Promise<never> =>
    Promise.reject(
      new UnavailableError(
        `The keys of the object store ${endpoint} are not entered: enter them in Settings, Storage, then start Signalbox again.`,
      ),
    )
  return { put: refuse, get: refuse, read: refuse, remove: refuse, usage: refuse }
}
