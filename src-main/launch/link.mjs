import { spawn } from 'node:child_process'
import { onPath } from './place.mjs'

/**
 * Reads the server's one line of JSON from its output and hands everything else on.
 * @param {NodeJS.ReadableStream} output @param {(text: string) => unknown} passOn @returns {Promise<string>} the link
 */
export function readLink(output, passOn) {
  return new Promise((resolve) => {
    let rest = ''
    output.setEncoding('utf8').on('data', (text) => {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        const link = linkIn(line)
        if (link) resolve(link)
        else passOn(`${line}\n`)
      }
    })
  })
}

/** @param {string} line @returns {string | undefined} */
export function linkIn(line) {
  if (!line.startsWith('{')) return undefined
  try {
    const { url, token } = JSON.parse(line)
    return typeof url === 'string' && typeof token === 'string' ? `${url}/?token=${token}` : undefined
  } catch {
    return undefined
  }
}

/** Opens the link in the browser of this machine. @param {string} link @returns {boolean} false where there is nothing to open it with */
export function openInBrowser(link) {
  const opener = browserOpener(process.platform)
  if (!opener) return false
  const [file, ...args] = opener
  spawn(file, [...args, link], { stdio: 'ignore', detached: true })
    .on('error', () => undefined)
    .unref()
  return true
}

/** @param {NodeJS.Platform} platform @returns {[string, ...string[]] | undefined} */
function browserOpener(platform) {
  if (platform === 'darwin') return ['open']
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler']
  const hasDisplay = process.env.DISPLAY || process.env.WAYLAND_DISPLAY
  const xdgOpen = hasDisplay ? onPath('xdg-open') : undefined
  return xdgOpen ? [xdgOpen] : undefined
}
