import { availableParallelism, freemem, totalmem } from 'node:os'
import type { CatalogueEntry } from '../../messages/catalogue.ts'

export interface Machine {
  readonly cores: number
  readonly memoryBytes: number
  readonly freeMemoryBytes: number
}

export function readMachine(): Machine {
  return { cores: availableParallelism(), memoryBytes: totalmem(), freeMemoryBytes: freemem() }
}

export interface Fit {
  readonly fits: boolean
  readonly needsBytes: number
  readonly freeBytes: number
}

/** Weights per core above which answers come too slowly to wait for them: a token reads all of the weights once. */
const WEIGHTS_PER_CORE_BYTES = 700_000_000

/** `freedBytes`: what the model that is loaded now would give back. */
export function fitOf(memoryBytes: number, machine: Machine, freedBytes: number): Fit {
  return {
    fits: memoryBytes <= machine.freeMemoryBytes + freedBytes,
    needsBytes: memoryBytes,
    freeBytes: machine.freeMemoryBytes,
  }
}

/** The best model to offer: the largest that fits and that this machine's cores can drive, else the smallest that fits. */
export function pickRecommended(fitting: readonly CatalogueEntry[], machine: Machine): CatalogueEntry | undefined {
  const better = fitting.filter((entry) => entry.role === 'better').sort((a, b) => a.size_bytes - b.size_bytes)
  return better.findLast((entry) => entry.size_bytes <= machine.cores * WEIGHTS_PER_CORE_BYTES) ?? better[0]
}

/** An estimate, from the speed another model was measured at here: a token costs as much as there are weights to read. */
export function estimateTokensPerSecond(sizeBytes: number, measured: { sizeBytes: number; tokensPerSecond: number }): number {
  return (measured.tokensPerSecond * measured.sizeBytes) / sizeBytes
}
