/** A manifest as a text has it; `value` is the whole object. */
export interface ServerManifest {
  readonly apiVersion: string
  readonly kind: string
  readonly value: Readonly<Record<string, unknown>>
}

export interface ManifestProblem {
  /** JSON Pointer of the field, `/` where it is about the whole manifest. */
  readonly path: string
  readonly message: string
}

/** What a server makes of one manifest. It is accepted where nothing was skipped and there is no problem. */
export interface ManifestVerdict {
  /** Why the server could not judge it; null where it did. */
  readonly skipped: string | null
  readonly problems: readonly ManifestProblem[]
  /** What the server says of a manifest that it takes, such as that its version is deprecated. */
  readonly warnings: readonly string[]
}

/** A Kubernetes server that says what it would do with manifests, and does nothing. */
export interface ManifestServer {
  /** As people know it: the context of its kubeconfig. */
  readonly name: string
  /**
   * The verdicts in the order of `manifests`, by one server-side dry run each. A manifest without a namespace is meant for `namespace`,
   * by default the connection's. Rejects with UnavailableError where the server does not answer or does not let us in.
   */
  dryRun(
    manifests: readonly ServerManifest[],
    namespace?: string,
  ): Promise<{ readonly version: string; readonly verdicts: readonly ManifestVerdict[] }>
}
