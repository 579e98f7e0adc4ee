import * as z from 'zod'

/** Which Kubernetes server manifests of answers are tried against. Credentials stay in the kubeconfig. */
export const dryRunServer = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({
    kind: z.literal('kubeconfig'),
    /** Its path; null: the files of KUBECONFIG, else ~/.kube/config. */
    kubeconfig: z.string().min(1).max(4_096).nullable(),
    context: z.string().min(1).max(512),
    /** For manifests that name none; null: the context's, else `default`. */
    namespace: z
      .string()
      .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'lower-case letters, digits and hyphens, 63 at most')
      .nullable(),
  }),
])
export type DryRunServer = z.infer<typeof dryRunServer>

/** A context of a kubeconfig; `server` is the address, null where its cluster is missing. */
export const kubeContext = z.object({
  name: z.string(),
  server: z.string().nullable(),
  namespace: z.string().nullable(),
  current: z.boolean(),
})
export type KubeContext = z.infer<typeof kubeContext>

export const DRY_RUN_SERVER_SETTING = 'settings.dry_run_server'
