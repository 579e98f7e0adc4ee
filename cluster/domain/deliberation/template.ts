/** Fills `{{name}}` by name. A placeholder without a value is an error, not a gap. Values are put in as they are, never expanded. */
export function fillTemplate(template: string, values: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{\{\s*([^{}]*?)\s*\}\}/g, (_, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined
    if (value === undefined)
      throw new Error(`The prompt asks for "{{${name}}}", which is none of ${Object.keys(values).join(', ')}.`)
    return value
  })
}
