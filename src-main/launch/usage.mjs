const options = `
  --data FOLDER        where runs and settings are kept
  --gateway-port N     serves the HTTP API on this port, whatever the settings say
  --port N             the port of the page's server; a free one otherwise
  --read-only          pages of the console can change nothing, whatever the settings say
`

const startUsage = `Usage: npm start -- [options]
Sets up what is missing and opens the console: in a window, or in the browser where there is no desktop.

  --browser            opens it in the browser
  --no-open            prints the link only${options}`

const hostUsage = `Usage: npm run --silent host -- [options]
Sets up what is missing and serves the console without opening it.

  --json               prints one line of JSON when it is ready: {"url","token","gateway"}${options}`

const usages = { start: startUsage, host: hostUsage }

/**
 * What a script can be told, where it was asked for that; undefined where there is work to do.
 * @param {keyof typeof usages} script @param {readonly string[]} args
 */
export function usageIfAsked(script, args) {
  return args.includes('--help') || args.includes('-h') ? usages[script] : undefined
}
