import ts from 'typescript'
import { LineCounter, parseDocument } from 'yaml'
import { holdsTemplate, parsed, placeOf, skipped, TEMPLATE_REASON, type Finding, type Parse } from '../finding.ts'

/** JSON as the standard has it; `jsonc` allows comments and trailing commas. */
export const parseJson: Parse = (text, dialect) => {
  const fault = dialect === 'jsonc' ? withComments(text) : strict(text)
  if (fault && holdsTemplate(text)) return skipped(TEMPLATE_REASON)
  return parsed(fault ? [fault] : duplicateKeys(text))
}

function strict(text: string): Finding | null {
  try {
    JSON.parse(text)
    return null
  } catch (fault) {
    const message = fault instanceof Error ? fault.message : 'not JSON'
    const at = /position (\d+)/.exec(message)?.[1]
    // The engine names a position for some faults only.
    const place = at === undefined ? (withComments(text) ?? placeOf(text, text.trimEnd().length)) : placeOf(text, Number(at))
    return { line: place.line, column: place.column, rule: 'json-syntax', message, severity: 'error' }
  }
}

/** The compiler's word for a configuration file whose outermost value is no object: of no concern here. */
const ROOT_NOT_OBJECT = 5092

function withComments(text: string): Finding | null {
  const { error } = ts.parseConfigFileTextToJson('block.json', text) as { error?: ts.Diagnostic }
  if (!error || error.code === ROOT_NOT_OBJECT) return null
  return {
    ...placeOf(text, error.start ?? 0),
    rule: `TS${error.code}`,
    message: ts.flattenDiagnosticMessageText(error.messageText, ' '),
    severity: 'error',
  }
}

/** JSON is YAML, whose parser knows where a key stands twice. */
function duplicateKeys(text: string): Finding[] {
  const lineCounter = new LineCounter()
  return parseDocument(text, { prettyErrors: false, lineCounter })
    .errors.filter((fault) => fault.code === 'DUPLICATE_KEY')
    .map((fault) => {
      const { line, col } = lineCounter.linePos(fault.pos[0])
      return {
        line,
        column: col,
        rule: 'duplicate-key',
        message: 'This key stands twice; the last one counts.',
        severity: 'warning',
      }
    })
}
