import type { Logger } from 'pino'
import type { Report } from '../src-preload/channel/server.ts'

/** Writes what the bridge reports of one page to the log: broken rules as warnings, our own faults as errors. */
export function logReports(log: Logger): (report: Report) => void {
  return (report) => {
    switch (report.kind) {
      case 'malformed':
        return log.warn({ detail: report.detail }, 'bridge: hung up on a page that broke the protocol')
      case 'wrong-version':
        return log.warn({ version: report.version }, 'bridge: refused a page of another version')
      case 'unknown-method':
        return log.warn({ method: report.method }, 'bridge: refused an unknown method')
      case 'overloaded':
        return log.warn({ method: report.method }, 'bridge: refused a request beyond the bound')
      case 'failed':
        return log.error({ method: report.method, err: report.error }, 'bridge: a handler failed')
    }
  }
}
