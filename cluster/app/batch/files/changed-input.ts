import type { BatchSpec } from '../../../messages/batch.ts'
import type { Blobs } from '../../../ports/blobs.ts'
import { CorruptionError } from '../../../ports/errors.ts'

/** Whether what is stored of a batch's input file is gone, or another than was validated; undefined where it is that. */
export async function faultOfInput(blobs: Blobs, { input }: BatchSpec): Promise<'gone' | 'changed' | undefined> {
  const content = await blobs.get(input.sha256)
  if (!content) return 'gone'
  try {
    for await (const _piece of content);
    return undefined
  } catch (fault) {
    if (!(fault instanceof CorruptionError)) throw fault
    return 'changed'
  }
}

/**
 * Why a batch cannot go on with what is stored of its input file; undefined where that is what was validated. Model name, endpoint and every
 * parameter are lines of it, so that its digest stands for the job; pieces are read without being held against it.
 */
export async function changedInput(blobs: Blobs, spec: BatchSpec): Promise<string | undefined> {
  const { name, input } = spec
  const act = `Put the file with the digest ${input.sha256} back and resume the batch, or cancel it and submit the other file.`
  switch (await faultOfInput(blobs, spec)) {
    case 'gone':
      return `The input file of ${name} is gone from the store. ${act}`
    case 'changed':
      return `The input file of ${name} is not the one that was validated: a line, a parameter or the model in it was changed. ${act}`
    case undefined:
      return undefined
  }
}
