import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import type { ClusterBounds } from '../../../ports/checks.ts'
import { createCheckThread } from '../check-thread.ts'
import { dryRun } from './check.ts'

const thread = createCheckThread(new URL('../thread-main.ts', import.meta.url))
const schemas = fileURLToPath(new URL('../../../../resources/kubernetes-schemas.json.gz', import.meta.url))
const offline = { thread, schemasFile: schemas, server: null }
afterAll(() => thread.stop())

async function tried(...manifests: string[]) {
  const { details, ...result } = await dryRun(`Apply:\n\`\`\`yaml\n${manifests.join('\n---\n')}\n\`\`\``, offline)
  return { ...result, details: details?.kind === 'dryrun' ? details : null }
}

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web, labels: }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - { name: a, image: "app:1.2", ports: [{ containerPort: 80 }], resources: { limits: { cpu: 1, memory: 1Gi } } }`
const service = 'apiVersion: v1\nkind: Service\nmetadata: { name: web }\nspec: { ports: [{ port: 80, targetPort: http }] }'

describe('the dry run without a cluster', () => {
  it('passes manifests that the published schemas accept, and says what stood in for the server', async () => {
    const result = await tried(deployment, service)
    expect(result).toMatchObject({ status: 'passed', details: { problem_count: 0, exit_code: null } })
    expect(result.details?.against).toMatch(/^offline schema, Kubernetes 1\.\d+$/)
    expect(result.details?.output).toBe('Deployment/web: valid\nService/web: valid')
  }, 60_000)

  it.each([
    ['a field of the wrong type', deployment.replace('replicas: 2', 'replicas: two'), '/spec/replicas', 'must be integer'],
    ['a field that does not exist', deployment.replace('replicas:', 'replica:'), '/spec', 'unknown field “replica”'],
    [
      'a field that is missing',
      deployment.replace('  selector: { matchLabels: { app: web } }\n', ''),
      '/spec',
      '“selector” is missing',
    ],
    ['no name', service.replace('{ name: web }', '{ labels: { a: b } }'), '/metadata', '“name” is missing'],
    ['a container without a name', deployment.replace('name: a, ', ''), '/spec/template/spec/containers/0', '“name” is missing'],
  ])('refuses %s and names the place', async (_name, manifest, path, message) => {
    expect(await tried(service, manifest)).toMatchObject({
      status: 'failed',
      details: { problems: [{ path, message, line: 8 }] },
    })
  })

  it.each<[string, string, ClusterBounds, string | null]>([
    ['takes the kinds that are allowed', service, { allowed_kinds: ['Service'] }, null],
    [
      'refuses others',
      deployment,
      { allowed_kinds: ['Service', 'Secret'] },
      '/kind: “Deployment” is not allowed here; allowed: Service, Secret',
    ],
    [
      'refuses others also where no schema knows them',
      'apiVersion: ray.io/v1\nkind: RayCluster\nmetadata: { name: ray }',
      { allowed_kinds: ['Service'] },
      '/kind: “RayCluster” is not allowed here; allowed: Service',
    ],
    ['takes a manifest that names no namespace', service, { namespace: 'shop' }, null],
    ['takes the namespace asked for', service.replace('name: web', 'name: web, namespace: shop'), { namespace: 'shop' }, null],
    [
      'refuses another',
      service.replace('name: web', 'name: web, namespace: default'),
      { namespace: 'shop' },
      '/metadata/namespace: “default” is not the namespace asked for, “shop”',
    ],
  ])('for a cluster %s', async (_name, manifest, cluster, problem) => {
    const { status, details } = await dryRun(`\`\`\`yaml\n${manifest}\n\`\`\``, offline, cluster)
    const problems = details?.kind === 'dryrun' ? details.problems.map(({ path, message }) => `${path}: ${message}`) : []
    expect({ status, problems }).toEqual({ status: problem ? 'failed' : 'passed', problems: problem ? [problem] : [] })
  })

  it('skips kinds that Kubernetes itself does not have, with the reason', async () => {
    const own = 'apiVersion: ray.io/v1\nkind: RayCluster\nmetadata: { name: ray }'
    expect(await tried(own)).toMatchObject({ status: 'skipped' })
    const { status, details } = await tried(service, own)
    expect({ status, manifest: details?.skipped[0]?.manifest }).toEqual({ status: 'passed', manifest: 'RayCluster/ray' })
    expect(details?.skipped[0]?.reason).toContain('ray.io/v1 RayCluster is not part of Kubernetes')
  })

  it('looks into a List, and is skipped where there is no manifest', async () => {
    expect(
      await tried(
        'apiVersion: v1\nkind: List\nitems: [{ apiVersion: v1, kind: Service, metadata: { name: x }, spec: { port: 1 } }]',
      ),
    ).toMatchObject({
      status: 'failed',
      details: { problems: [{ manifest: 'Service/x', message: 'unknown field “port”' }] },
    })
    expect(await tried('a: 1')).toMatchObject({ status: 'skipped', message: 'No Kubernetes manifest.' })
  })
})
