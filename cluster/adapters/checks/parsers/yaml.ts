import { LineCounter, parseAllDocuments } from 'yaml'
import { holdsTemplate, parsed, skipped, TEMPLATE_REASON, type Finding, type Parse } from '../finding.ts'

/** YAML streams. A key that stands twice is a warning: most readers take the last one, and none refuse the document's form. */
export const parseYaml: Parse = (text) => {
  const lineCounter = new LineCounter()
  const documents = parseAllDocuments(text, { prettyErrors: false, lineCounter })
  const findings = [...documents].flatMap((document) =>
    [...document.errors, ...document.warnings].map((fault): Finding => {
      const { line, col } = lineCounter.linePos(fault.pos[0])
      const isWarning = fault.name === 'YAMLWarning' || fault.code === 'DUPLICATE_KEY'
      return {
        line: Math.max(1, line),
        column: Math.max(1, col),
        rule: fault.code,
        message: fault.message,
        severity: isWarning ? 'warning' : 'error',
      }
    }),
  )
  if (findings.some((each) => each.severity === 'error') && holdsTemplate(text)) return skipped(TEMPLATE_REASON)
  return parsed(findings)
}
