import { ipcRenderer } from 'electron'
import { type PortAnswer, shellMessages, type ShowPath } from './electron-messages.ts'

// A port cannot be given to the page through contextBridge, so messages and ports pass through the window's own events.
// The page gets no object and no function from here.
const toPage = (message: PortAnswer | ShowPath, ports: readonly MessagePort[] = []) => {
  window.postMessage(message, window.location.origin, [...ports])
}

window.addEventListener('message', ({ source, data }: MessageEvent<unknown>) => {
  if (source === window && data === shellMessages.portWanted) ipcRenderer.send(shellMessages.portWanted)
})
ipcRenderer.on(shellMessages.port, ({ ports }, reason: string | null) => toPage({ type: shellMessages.port, reason }, ports))
ipcRenderer.on(shellMessages.show, (_event, path: string) => toPage({ type: shellMessages.show, path }))
