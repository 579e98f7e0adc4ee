import { MAX_ATTACHED_BYTES, MAX_ATTACHMENT_BYTES, MAX_ATTACHMENTS } from '../../../../src-preload/contract/deliberation.ts'
import * as format from '../../../lib/format.ts'
import type { AttachmentDraft } from './draft.ts'

export const bytesOf = (text: string): number => new TextEncoder().encode(text).length

export interface Taken {
  readonly attachments: AttachmentDraft[]
  /** Why a file was left out, each in a sentence. */
  readonly faults: readonly string[]
}

/** What stands in the form after these files were added to it. A file with a name that is there takes its place. */
export async function takeFiles(held: readonly AttachmentDraft[], files: readonly File[]): Promise<Taken> {
  const faults: string[] = []
  let attachments = [...held]
  for (const file of files) {
    const others = attachments.filter((attachment) => attachment.name !== file.name)
    const size = others.reduce((sum, { content }) => sum + bytesOf(content), 0) + file.size
    const fault = boundFault(file, others.length, size)
    const content = fault === null ? await file.text() : ''
    // What is not UTF-8 comes with replacement characters; no text file has a zero byte.
    const isText = !/[\0\uFFFD]/.test(content)
    if (fault !== null) faults.push(fault)
    else if (!isText) faults.push(`${file.name} is not text in UTF-8; only text can be shown to the agents.`)
    else attachments = [...others, { name: file.name, content }]
  }
  return { attachments, faults }
}

function boundFault(file: File, others: number, size: number): string | null {
  if (file.size === 0) return `${file.name} is empty.`
  if (file.size > MAX_ATTACHMENT_BYTES)
    return `${file.name} has ${format.bytes(file.size)}; at most ${MAX_ATTACHMENT_BYTES / 1000} kB of text can be attached.`
  if (others >= MAX_ATTACHMENTS) return `${file.name} was left out: at most ${MAX_ATTACHMENTS} files can be attached.`
  if (size > MAX_ATTACHED_BYTES)
    return `${file.name} was left out: with it the files would have more than ${MAX_ATTACHED_BYTES / 1000} kB together.`
  return null
}
