import { celEnv, isCelError, parse, plan, type CelInput } from '@bufbuild/cel'
import { strings } from '@bufbuild/cel/ext'
import { isMap } from '../documents.ts'

/** What an expression comes to: true for what is sound. Anything but a yes or no, and whatever cannot be evaluated, is a fault. */
export type Verdict =
  { readonly kind: 'sound' } | { readonly kind: 'broken' } | { readonly kind: 'fault'; readonly reason: string }

export type Expression = (scope: Readonly<Record<string, unknown>>) => Verdict

const environment = celEnv({ funcs: [...strings] })

/** What an expression gives, or why it gives nothing. */
export type Evaluated = { readonly kind: 'value'; readonly value: unknown } | { readonly kind: 'fault'; readonly reason: string }

/** Throws if the expression does not parse. */
export function compileExpression(source: string): Expression {
  const evaluate = evaluator(source)
  return (scope) => {
    const given = evaluate(scope)
    if (given.kind === 'fault') return given
    if (typeof given.value !== 'boolean') return { kind: 'fault', reason: `it gives ${typeof given.value}, not true or false` }
    return { kind: given.value ? 'sound' : 'broken' }
  }
}

/** Throws if the expression does not parse. Its `matches` runs in linear time (RE2). */
export function evaluator(source: string): (scope: Readonly<Record<string, unknown>>) => Evaluated {
  const program = plan(environment, parse(source))
  return (scope) => {
    try {
      const value = program(Object.fromEntries(Object.entries(scope).map(([name, each]) => [name, celValue(each)])))
      if (isCelError(value)) return { kind: 'fault', reason: value.message }
      return { kind: 'value', value }
    } catch (fault) {
      if (fault instanceof RangeError) throw fault
      return { kind: 'fault', reason: fault instanceof Error ? fault.message : String(fault) }
    }
  }
}

/** JSON as CEL has it: whole numbers are its integers. */
function celValue(value: unknown): CelInput {
  if (Array.isArray(value)) return value.map(celValue)
  if (isMap(value)) return new Map(Object.entries(value).map(([key, each]) => [key, celValue(each)]))
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint') return value
  return null
}
