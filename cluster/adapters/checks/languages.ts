import type { Parse } from './finding.ts'

export interface Language {
  /** As the page writes it. */
  readonly name: string
  readonly dialect: string
  /** Parsers are big: each is loaded when the first block of its language comes. */
  readonly load: () => Promise<Parse>
}

const yaml = (name: string): Language => ({
  name,
  dialect: 'yaml',
  load: async () => (await import('./parsers/yaml.ts')).parseYaml,
})
const json = (dialect: string): Language => ({
  name: dialect.toUpperCase(),
  dialect,
  load: async () => (await import('./parsers/json.ts')).parseJson,
})
const script = (name: string, dialect: string): Language => ({
  name,
  dialect,
  load: async () => (await import('./parsers/typescript.ts')).parseTypeScript,
})
const python: Language = {
  name: 'Python',
  dialect: 'python',
  load: async () => (await import('./parsers/tree-sitter.ts')).parsePython,
}
const shell: Language = {
  name: 'Shell',
  dialect: 'bash',
  load: async () => (await import('./parsers/tree-sitter.ts')).parseShell,
}
const sql = (dialect: string): Language => ({
  name: 'SQL',
  dialect,
  load: async () => (await import('./parsers/sql.ts')).parseSql,
})
const dockerfile: Language = {
  name: 'Dockerfile',
  dialect: 'dockerfile',
  load: async () => (await import('./parsers/dockerfile.ts')).parseDockerfile,
}

/** What a fence says → the parser of it. */
const byFence = new Map<string, Language>([
  ['yaml', yaml('YAML')],
  ['yml', yaml('YAML')],
  ['kubernetes', yaml('Kubernetes')],
  ['k8s', yaml('Kubernetes')],
  ['json', json('json')],
  ['jsonc', json('jsonc')],
  ['ts', script('TypeScript', 'ts')],
  ['typescript', script('TypeScript', 'ts')],
  ['mts', script('TypeScript', 'ts')],
  ['tsx', script('TypeScript', 'tsx')],
  ['js', script('JavaScript', 'js')],
  ['javascript', script('JavaScript', 'js')],
  ['mjs', script('JavaScript', 'js')],
  ['cjs', script('JavaScript', 'js')],
  ['node', script('JavaScript', 'js')],
  ['jsx', script('JavaScript', 'jsx')],
  ['python', python],
  ['python3', python],
  ['py', python],
  ['sh', shell],
  ['bash', shell],
  ['shell', shell],
  ['sql', sql('any')],
  ['postgresql', sql('postgresql')],
  ['postgres', sql('postgresql')],
  ['pgsql', sql('postgresql')],
  ['mysql', sql('mysql')],
  ['sqlite', sql('sqlite')],
  ['tsql', sql('tsql')],
  ['mssql', sql('tsql')],
  ['bigquery', sql('bigquery')],
  ['snowflake', sql('snowflake')],
  ['clickhouse', sql('clickhouse')],
  ['dockerfile', dockerfile],
  ['docker', dockerfile],
  ['containerfile', dockerfile],
])

export const languageOf = (fence: string): Language | undefined => byFence.get(fence)
