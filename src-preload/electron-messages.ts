/** What Electron's main process and its page tell each other, through the preload script. */
export const shellMessages = {
  /** Page → main: wants a port to the host. */
  portWanted: 'signalbox:port-wanted',
  /** Main → page: here is the port, or the reason why there is none now. */
  port: 'signalbox:port',
  /** Main → page: show this path. */
  show: 'signalbox:show',
} as const

/** What comes with `port` beside the port itself. */
export interface PortAnswer {
  readonly type: typeof shellMessages.port
  /** Why there is no port; null where there is one. */
  readonly reason: string | null
}

export interface ShowPath {
  readonly type: typeof shellMessages.show
  readonly path: string
}
