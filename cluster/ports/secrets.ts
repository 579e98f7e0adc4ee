/** Passwords and keys, outside log and database. They never go to the page and never into a log. */
export interface Secrets {
  get(name: string): Promise<string | undefined>
  set(name: string, value: string): Promise<void>
  /** False if there was nothing to remove. */
  remove(name: string): Promise<boolean>
  has(name: string): Promise<boolean>
}
