import fastifyStatic from '@fastify/static'
import { fastify, type FastifyError, type FastifyReply, type FastifyRequest, LogController } from 'fastify'
import type { Logger } from 'pino'
import * as z from 'zod'
import { serve } from '../../src-preload/channel/server.ts'
import type { Contract, Handlers } from '../../src-preload/contract/define.ts'
import { logReports } from '../log-reports.ts'
import { checkPageDir, indexHtml, isPageRoute } from '../page/page-files.ts'
import { newNonce, securityHeaders } from '../page/security.ts'
import { type Access, accessTo, type Refusal } from './access.ts'
import { acceptSockets, socketPath } from './sockets.ts'

export interface ServerOptions<C extends Contract> {
  readonly contract: C
  readonly handlers: Handlers<C>
  /** Folder of the built page. */
  readonly pageDir: string
  readonly host?: string
  /** 0 takes any free port. */
  readonly port: number
  readonly token: string
  readonly log: Logger
  readonly heartbeatMs?: number
}

declare module 'fastify' {
  interface FastifyRequest {
    nonce: string
  }
}

/** Serves the page over HTTP and the bridge over a WebSocket, to whoever has the token. */
export async function startServer<C extends Contract>(
  options: ServerOptions<C>,
): Promise<{ url: string; stop(): Promise<void> }> {
  const { contract, handlers, pageDir, host = '127.0.0.1', port, token, log, heartbeatMs = 15_000 } = options
  await checkPageDir(pageDir)
  // Fastify's own lines about a request would hold the token of the link.
  const app = fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
  })
  // Known once the port is; requests wait for it.
  const listening = Promise.withResolvers<Access>()

  app.decorateRequest('nonce', '')
  app.addHook('onRequest', async (request, reply) => {
    request.nonce = newNonce()
    const access = await listening.promise
    const stranger = access.checkHost(request.headers)
    reply.headers(securityHeaders(request.nonce, stranger ? [] : [`ws://${request.headers.host ?? ''}`]))
    return guard(access, request, reply, log)
  })
  app.get(socketPath, (_request, reply) => reply.code(426).send('This address speaks WebSocket only.'))
  await app.register(fastifyStatic, {
    root: pageDir,
    index: false,
    allowedPath: (path) => !isPageRoute(path),
    cacheControl: false,
  })
  app.setNotFoundHandler(async (request, reply) => {
    if (request.method !== 'GET' || !isPageRoute(pathOf(request)))
      return reply.code(404).type('text/plain').send('There is no such file.')
    return reply
      .type('text/html; charset=utf-8')
      .header('cache-control', 'no-store')
      .send(await indexHtml(pageDir, request.nonce))
  })

  app.setErrorHandler((error: FastifyError, request, reply) => {
    const status = error.statusCode ?? 500
    log[status < 500 ? 'warn' : 'error']({ err: error, path: pathOf(request) }, 'page: a request failed')
    return reply.code(status).type('text/plain').send('The request failed.')
  })

  await app.listen({ host, port })
  const address = z.object({ port: z.int() }).parse(app.server.address())
  const access = accessTo({ host, port: address.port, token })
  listening.resolve(access)
  const sockets = acceptSockets({
    access,
    log,
    heartbeatMs,
    onChannel: (channel) => void serve(contract, handlers, channel, { report: logReports(log) }),
  })
  app.server.on('upgrade', sockets.upgrade)

  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}/`,
    stop: async () => {
      await sockets.stop()
      await app.close()
    },
  }
}

/** Lets a request pass, or answers it: with a refusal, or by turning the token of the link into a cookie. */
function guard(access: Access, request: FastifyRequest, reply: FastifyReply, log: Logger): FastifyReply | undefined {
  const path = pathOf(request)
  const refuse = ({ status, reason }: Refusal) => {
    log.warn({ status, reason, path }, 'page: refused')
    return reply.code(status).type('text/html; charset=utf-8').send(refusalPage(status))
  }
  const stranger = access.checkHost(request.headers)
  if (stranger) return refuse(stranger)
  const given = path === '/' ? new URLSearchParams(request.url.split('?', 2)[1]).get('token') : null
  if (given === null) {
    const refusal = access.checkPage(request.headers)
    return refusal && refuse(refusal)
  }
  if (!access.isToken(given)) return refuse({ status: 401, reason: 'wrong token' })
  return reply.header('set-cookie', `${access.cookie}=${given}; Path=/; HttpOnly; SameSite=Strict`).redirect('/')
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? '/'
}

function refusalPage(status: 401 | 403): string {
  const [title, text] =
    status === 401
      ? ['Open the link again', 'This console needs the whole link that Signalbox printed when it started, with its token.']
      : ['Not from here', 'This request was sent to a name or from a page that Signalbox does not answer to.']
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Signalbox: ${title}</title><h1>${title}</h1><p>${text}</p></html>`
}
