import { expect, it } from 'vitest'
import { withoutIndentation } from './compact-grammar.ts'

it('A JSON grammar keeps its rules but lets nothing be indented', () => {
  const grammar = [
    'root ::= "{" whitespace-b-1-4-rule "\\"a\\"" ":" [ ]? integer-rule whitespace-b-0-4-rule "}"',
    'whitespace-b-1-4-rule ::= [\\n] ("    " | "\\t") | [ ]?',
    'comma-whitespace-b-1-4-rule ::= "," ([\\n] ("    " | "\\t") | [ ]?)',
  ].join('\n')
  expect(withoutIndentation(grammar).split('\n')).toEqual([
    'root ::= "{" whitespace-b-1-4-rule "\\"a\\"" ":" [ ]? integer-rule whitespace-b-0-4-rule "}"',
    'whitespace-b-1-4-rule ::= [ ]?',
    'comma-whitespace-b-1-4-rule ::= "," [ ]?',
  ])
})
