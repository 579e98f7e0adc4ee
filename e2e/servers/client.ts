import { WebSocket } from 'ws'
import { connect } from '../../src-preload/channel/client.ts'
import { openSession } from '../../src-preload/channel/session.ts'
import { webSocketChannel } from '../../src-preload/channel/web-socket.ts'
import type { Client } from '../../src-preload/contract/define.ts'
import { consoleContract, type ConsoleContract } from '../../src-preload/contract/index.ts'
import type { RunningHost } from './host.ts'

/** Speaks to a running host as its page would, with the token as a header. */
export async function connectTo({ url, token }: RunningHost): Promise<{ host: Client<ConsoleContract>; close(): void }> {
  const address = new URL('/console', url.replace(/^http/, 'ws'))
  const socket = new WebSocket(address, { headers: { authorization: `Bearer ${token}` } })
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve())
    socket.once('error', reject)
  })
  const session = await openSession(webSocketChannel(socket))
  return { host: connect(consoleContract, session), close: () => session.close() }
}
