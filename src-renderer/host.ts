import type { Channel } from '../src-preload/channel/channel.ts'
import { connect } from '../src-preload/channel/client.ts'
import { Connection } from '../src-preload/channel/connection.ts'
import { domPortChannel } from '../src-preload/channel/dom-port.ts'
import { Refused } from '../src-preload/channel/session.ts'
import { webSocketChannel } from '../src-preload/channel/web-socket.ts'
import type { Client } from '../src-preload/contract/define.ts'
import { type ConsoleContract, consoleContract } from '../src-preload/contract/index.ts'
import { type PortAnswer, shellMessages, type ShowPath } from '../src-preload/electron-messages.ts'

export type Host = Client<ConsoleContract>
/** For `useSyncExternalStore(connection.subscribe, connection.state)`. */
export type HostConnection = Pick<Connection, 'state' | 'subscribe' | 'retryNow'>

/** Connects to the host of whichever shell shows this page, and stays connected. Called once, by main.tsx. */
export function openHost(): { host: Host; connection: HostConnection } {
  const isElectron = window.location.protocol === 'app:'
  if (isElectron) followLinks()
  const connection = new Connection(isElectron ? openPort : openSocket)
  return { host: connect(consoleContract, connection), connection }
}

/** Asks the preload script for a port. While the host process is down the answer is the reason. */
function openPort(signal: AbortSignal): Promise<Channel> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      window.removeEventListener('message', receive)
      signal.removeEventListener('abort', giveUp)
      act()
    }
    const giveUp = () => settle(() => reject(new Error('The host process did not answer.')))
    const receive = (event: MessageEvent<unknown>) => {
      if (!isFromShell<PortAnswer>(event, shellMessages.port)) return
      const [port] = event.ports
      settle(() => (port ? resolve(domPortChannel(port)) : reject(new Error(event.data.reason ?? 'The host sent no port.'))))
    }
    window.addEventListener('message', receive)
    signal.addEventListener('abort', giveUp)
    window.postMessage(shellMessages.portWanted, window.location.origin)
  })
}

/** Deep links become navigation inside the page: routers listen to popstate. */
function followLinks(): void {
  window.addEventListener('message', (event: MessageEvent<unknown>) => {
    if (!isFromShell<ShowPath>(event, shellMessages.show)) return
    window.history.pushState(null, '', event.data.path)
    window.dispatchEvent(new PopStateEvent('popstate'))
  })
}

function isFromShell<M extends { type: string }>(event: MessageEvent<unknown>, type: M['type']): event is MessageEvent<M> {
  const { source, data } = event
  return source === window && typeof data === 'object' && data !== null && 'type' in data && data.type === type
}

function openSocket(signal: AbortSignal): Promise<Channel> {
  const socket = new WebSocket(new URL('/console', window.location.href.replace(/^http/, 'ws')))
  return new Promise((resolve, reject) => {
    const giveUp = () => socket.close()
    signal.addEventListener('abort', giveUp)
    socket.addEventListener('open', () => {
      signal.removeEventListener('abort', giveUp)
      resolve(webSocketChannel(socket))
    })
    // After opening this changes nothing: the promise is settled.
    socket.addEventListener('close', () => {
      signal.removeEventListener('abort', giveUp)
      whyClosed(signal).then(reject, reject)
    })
  })
}

/** A browser hides why a socket was refused; a plain request to the same address tells. */
async function whyClosed(signal: AbortSignal): Promise<Error> {
  const unreachable = new Error('The host cannot be reached.')
  const response = await fetch('/console', { signal }).catch(() => undefined)
  if (response?.status !== 401 && response?.status !== 403) return unreachable
  return new Refused('This page is no longer signed in: open the link that Signalbox printed when it last started.')
}
