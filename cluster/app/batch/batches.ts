export type { BatchFiles, Batches, Done } from '../../ports/batches.ts'
