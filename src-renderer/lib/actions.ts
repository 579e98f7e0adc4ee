/** One thing an operator can do, reached the same way from button, menu, palette and keyboard. */
export interface Action {
  /** `capability.verb`, e.g. `deliberation.launch`. */
  readonly id: string
  readonly title: string
  /** What it is done to, where the title does not say. */
  readonly about?: string | undefined
  /** Heading in the palette and the shortcut sheet. */
  readonly group: string
  /** Default chord, e.g. `n` or `mod+k`; the operator may choose another. */
  readonly shortcut?: string | undefined
  readonly available: true | { readonly reason: string }
  /** It leads to a change: read-only mode takes it away. */
  readonly command?: true | undefined
  readonly run: () => void | Promise<void>
}

/** What is known of an action while its page is closed: for the shortcut list. */
export type ActionDescription = Pick<Action, 'id' | 'title' | 'group' | 'shortcut'>

export type Overrides = Readonly<Record<string, string>>

/** The chord in force; null where there is none. An empty override takes it away. */
export function chordFor(action: Pick<Action, 'id' | 'shortcut'>, overrides: Overrides): string | null {
  const chosen = overrides[action.id] ?? action.shortcut
  return chosen === undefined || chosen === '' ? null : chosen
}

/** Chords that more than one action claims, with the ids that claim them. */
export function chordConflicts(
  actions: readonly ActionDescription[],
  overrides: Overrides,
): ReadonlyMap<string, readonly string[]> {
  const claims = new Map<string, string[]>()
  for (const action of actions) {
    const chord = chordFor(action, overrides)
    if (chord !== null) claims.set(chord, [...(claims.get(chord) ?? []), action.id])
  }
  return new Map([...claims].filter(([, ids]) => ids.length > 1))
}

/** Where an action comes from: of two that claim one chord, the page's own wins over the frame's. */
export type Layer = 'frame' | 'page'

/** The action a chord runs now; of two that claim it, the last: the registry lists the page's own after the frame's. */
export function actionForChord(actions: readonly Action[], overrides: Overrides, chord: string): Action | undefined {
  return actions.findLast((action) => chordFor(action, overrides) === chord)
}

interface Group {
  readonly layer: Layer
  /** What the listeners were told of. */
  readonly shown: readonly Action[]
  /** The same with the closures of the last render: these are run. */
  readonly latest: readonly Action[]
}

export interface ActionState {
  /** To be shown; `ActionRegistry.run` runs them. */
  readonly actions: readonly Action[]
  /** Every action ever described or registered in this window. */
  readonly known: readonly ActionDescription[]
  readonly pending: ReadonlySet<string>
}

/** The actions that exist now. Pages register theirs while they are open. */
export class ActionRegistry {
  readonly #listeners = new Set<() => void>()
  readonly #onFailure: (action: Action, fault: unknown) => void
  readonly #groups = new Map<symbol, Group>()
  readonly #known = new Map<string, ActionDescription>()
  readonly #pending = new Set<string>()
  #readOnly: string | null = null
  #state: ActionState = { actions: [], known: [], pending: new Set() }

  constructor(onFailure: (action: Action, fault: unknown) => void) {
    this.#onFailure = onFailure
  }

  readonly state = (): ActionState => this.#state

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** While there is a reason, commands are not available, and say so. */
  setReadOnly(reason: string | null): void {
    if (reason === this.#readOnly) return
    this.#readOnly = reason
    this.#changed()
  }

  /** Makes shortcuts known before their page was ever open. */
  describe(descriptions: readonly ActionDescription[]): void {
    for (const { id, title, group, shortcut } of descriptions) this.#known.set(id, { id, title, group, shortcut })
    this.#changed()
  }

  /** Puts actions in place of those registered under the same key before. */
  register(key: symbol, actions: readonly Action[], layer: Layer = 'page'): void {
    const shown = this.#groups.get(key)?.shown
    const isNews = shown === undefined || !looksAlike(shown, actions)
    this.#groups.set(key, { layer, shown: isNews ? actions : shown, latest: actions })
    // A page registers on every render, with new closures: only what can be seen may tell the listeners.
    if (isNews) this.describe(actions)
  }

  unregister(key: symbol): void {
    this.#groups.delete(key)
    this.#changed()
  }

  find(id: string): Action | undefined {
    return this.#all('latest').findLast((action) => action.id === id)
  }

  /** Runs it if it is available and not already running; a failure is reported, not thrown. */
  async run(id: string): Promise<void> {
    const action = this.find(id)
    if (action?.available !== true || this.#pending.has(id)) return
    this.#pending.add(id)
    this.#changed()
    try {
      await action.run()
    } catch (fault) {
      this.#onFailure(action, fault)
    } finally {
      this.#pending.delete(id)
      this.#changed()
    }
  }

  #all(which: 'shown' | 'latest'): readonly Action[] {
    const groups = [...this.#groups.values()]
    const of = (layer: Layer) => groups.filter((group) => group.layer === layer).flatMap((group) => group[which])
    const reason = this.#readOnly
    const all = [...of('frame'), ...of('page')]
    return reason === null ? all : all.map((action) => (action.command ? { ...action, available: { reason } } : action))
  }

  #changed(): void {
    this.#state = { actions: this.#all('shown'), known: [...this.#known.values()], pending: new Set(this.#pending) }
    this.#listeners.forEach((listener) => listener())
  }
}

function looksAlike(before: readonly Action[], after: readonly Action[]): boolean {
  const look = ({ id, title, about, group, shortcut, available }: Action) =>
    JSON.stringify([id, title, about, group, shortcut, available])
  return before.length === after.length && before.every((action, at) => look(action) === look(after[at] ?? action))
}
