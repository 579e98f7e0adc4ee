import { ConsoleError } from '../../src-preload/contract/errors.ts'

/** A fault in words an operator can use. */
export function messageOf(fault: unknown): string {
  if (fault instanceof ConsoleError) return fault.message
  if (fault instanceof Error) return fault.message === '' ? fault.name : fault.message
  return String(fault)
}

/** The field of a form that the host refused, with its reason; null where it refused something else. */
export function refusedField(fault: unknown): { readonly field: string; readonly message: string } | null {
  if (!(fault instanceof ConsoleError) || fault.details.field === undefined) return null
  return { field: fault.details.field, message: fault.message }
}
