/** What one context's streams, buckets and subjects are called; a prefix keeps several contexts apart on one server. */
export interface Names {
  readonly subject: (name: string) => string
  /** The name of a subject as the rest of Signalbox knows it. */
  readonly nameOf: (subject: string) => string
  readonly stream: (name: string) => string
  readonly bucket: (name: string) => string
}

/** Names under `prefix` (letters, digits, hyphens), or as they stand where it is undefined. */
export function createNames(prefix: string | undefined): Names {
  if (prefix === undefined)
    return { subject: (name) => name, nameOf: (subject) => subject, stream: (name) => name, bucket: (name) => name }
  if (!/^[A-Za-z0-9-]+$/.test(prefix)) throw new RangeError(`The prefix ${prefix} may hold only letters, digits and hyphens.`)
  return {
    subject: (name) => `${prefix}.${name}`,
    nameOf: (subject) => subject.slice(prefix.length + 1),
    stream: (name) => `${prefix}_${name}`,
    bucket: (name) => `${prefix}-${name}`,
  }
}
