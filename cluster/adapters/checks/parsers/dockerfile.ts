import { validate, ValidationCode } from 'dockerfile-utils'
import { parsed, type Parse } from '../finding.ts'

const ruleNames = new Map<number, string>(
  Object.entries(ValidationCode).map(([name, code]) => [code as number, name.toLowerCase().replaceAll('_', '-')]),
)

/** As the language server protocol numbers it. */
const SEVERITY_ERROR = 1
const NO_SOURCE_IMAGE: number = ValidationCode.NO_SOURCE_IMAGE

/** Instructions and their arguments as Docker reads them. */
export const parseDockerfile: Parse = (text) =>
  parsed(
    validate(text).map(({ code, severity, range, message }) => ({
      line: range.start.line + 1,
      column: range.start.character + 1,
      rule: ruleNames.get(Number(code)) ?? 'dockerfile',
      message: typeof message === 'string' ? message : message.value,
      // A proposal often shows an excerpt, which need not begin with FROM.
      severity: severity === SEVERITY_ERROR && Number(code) !== NO_SOURCE_IMAGE ? 'error' : 'warning',
    })),
  )
