import { protocol, type Session } from 'electron'
import { pageResponse } from '../page/page-files.ts'
import { newNonce } from '../page/security.ts'

export const pageOrigin = 'app://signalbox'

/** Makes `app://` an origin like that of a web server. Must run before the app is ready. */
export function declarePageScheme(): void {
  protocol.registerSchemesAsPrivileged([{ scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } }])
}

/** Serves the built page under `app://signalbox/`. */
export function servePage({ protocol }: Session, pageDir: string): void {
  protocol.handle('app', (request) =>
    new URL(request.url).host === 'signalbox'
      ? pageResponse(pageDir, request, newNonce())
      : new Response('There is no such page.', { status: 404 }),
  )
}
