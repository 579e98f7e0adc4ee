import { hash, randomBytes } from 'node:crypto'
import type { KeyMaker } from '../../ports/key-maker.ts'

const digest = (key: string): string => hash('sha256', key)

/** Keys of 256 bits from the system's source of chance. */
export const systemKeyMaker: KeyMaker = {
  make() {
    const id = randomBytes(6).toString('hex')
    const key = `sbx_${id}_${randomBytes(32).toString('base64url')}`
    return { id, key, sha256: digest(key) }
  },
  digest,
}
