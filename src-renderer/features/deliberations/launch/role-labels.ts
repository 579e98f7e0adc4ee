const short: Readonly<Record<string, string>> = {
  developer: 'DEV',
  tester: 'QA',
  architect: 'ARCHITECT',
  devops: 'DEVOPS',
  data: 'DATA',
}

/** The short name that councils go by; roles that the operator added keep their own. */
export function roleLabel(name: string): string {
  return short[name] ?? name
}
