import ts from 'typescript'
import { parsed, type Finding, type Parse } from '../finding.ts'

/** The TypeScript compiler's syntax errors. Types and imports are not looked at: a block is seldom a whole program. */
export const parseTypeScript: Parse = (text, dialect) => {
  const findings = syntaxErrors(text, `block.${dialect}`)
  // TypeScript with markup is often fenced as plain TypeScript.
  if (dialect === 'ts' && findings.length > 0 && syntaxErrors(text, 'block.tsx').length === 0) return parsed([])
  return parsed(findings)
}

const options: ts.CompilerOptions = { noLib: true, noResolve: true, target: ts.ScriptTarget.Latest, allowJs: true }

function syntaxErrors(text: string, name: string): Finding[] {
  const file = ts.createSourceFile(name, text, ts.ScriptTarget.Latest)
  const host: ts.CompilerHost = {
    getSourceFile: (asked) => (asked === name ? file : undefined),
    fileExists: (asked) => asked === name,
    readFile: () => undefined,
    writeFile: () => undefined,
    getDefaultLibFileName: () => '',
    getCurrentDirectory: () => '/',
    getCanonicalFileName: (asked) => asked,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => '\n',
  }
  return ts
    .createProgram([name], options, host)
    .getSyntacticDiagnostics(file)
    .map(({ start, code, messageText }) => {
      const { line, character } = file.getLineAndCharacterOfPosition(start)
      return {
        line: line + 1,
        column: character + 1,
        rule: `TS${code}`,
        message: ts.flattenDiagnosticMessageText(messageText, ' '),
        severity: 'error',
      }
    })
}
