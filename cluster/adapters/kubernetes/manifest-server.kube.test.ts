import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePorts } from '../../../e2e/servers/free-ports.ts'
import { startKubernetes, type KubernetesServer } from '../../../e2e/servers/kubernetes.ts'
import type { ClusterBounds } from '../../ports/checks.ts'
import { createDryRunServerChoice } from '../../entries/dry-run-server.ts'
import { createCheckThread } from '../checks/check-thread.ts'
import { dryRun } from '../checks/kubernetes/check.ts'
import { createMemorySmallState } from '../memory/small-state.ts'
import { createManifestServer } from './manifest-server.ts'

const thread = createCheckThread(new URL('../checks/thread-main.ts', import.meta.url))
const schemasFile = fileURLToPath(new URL('../../../resources/kubernetes-schemas.json.gz', import.meta.url))
let kubernetes: KubernetesServer
beforeAll(async () => {
  kubernetes = await startKubernetes()
  await kubernetes.ask('/api/v1/namespaces', strictNamespace)
})
afterAll(async () => {
  await thread.stop()
  await kubernetes.stop()
})

const strictNamespace = {
  ...{ apiVersion: 'v1', kind: 'Namespace' },
  metadata: { name: 'strict', labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
}

async function tried(
  manifests: readonly string[],
  {
    context = 'admin',
    kubeconfig = kubernetes.kubeconfig,
    cluster = {},
  }: { context?: string; kubeconfig?: string; cluster?: ClusterBounds } = {},
) {
  const server = createManifestServer({ kubeconfig, kubeconfigs: [], context, namespace: null })
  const content = `Apply:\n\`\`\`yaml\n${manifests.join('\n---\n')}\n\`\`\``
  const { details, ...result } = await dryRun(content, { thread, schemasFile, server }, cluster)
  return { ...result, details: details?.kind === 'dryrun' ? details : null }
}

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - { name: a, image: "app:1.2", ports: [{ containerPort: 80 }] }`
const service = 'apiVersion: v1\nkind: Service\nmetadata: { name: web }\nspec: { ports: [{ port: 80, targetPort: http }] }'

describe('the dry run by a server', () => {
  it('passes what the server takes, names it, and the server keeps nothing', async () => {
    const named =
      'apiVersion: batch/v1\nkind: Job\nmetadata: { generateName: once- }\nspec: { template: { spec: { restartPolicy: Never, containers: [{ name: a, image: a }] } } }'
    const result = await tried([deployment, service, named])
    expect(result).toMatchObject({
      status: 'passed',
      warnings: 0,
      details: {
        against: 'server of context admin, Kubernetes 1.36.3',
        exit_code: 0,
        output: 'Deployment/web: valid\nService/web: valid\nJob: valid',
      },
    })
    const kept = await kubernetes.ask('/apis/apps/v1/namespaces/default/deployments')
    expect(kept.body).toMatchObject({ items: [] })
  })

  it.each([
    ['a field of the wrong type', deployment.replace('replicas: 2', 'replicas: two'), '/spec/replicas', 'expected numeric'],
    ['a field that does not exist', deployment.replace('replicas:', 'replica:'), '/spec', 'unknown field “replica”'],
    [
      'a field that is missing',
      deployment.replace('  selector: { matchLabels: { app: web } }\n', ''),
      '/spec/selector',
      'Required value',
    ],
    [
      'a value that no schema bounds',
      deployment.replace('containerPort: 80', 'containerPort: 70000'),
      '/spec/template/spec/containers/0/ports/0/containerPort',
      'must be between 1 and 65535',
    ],
    [
      'a selector that does not match',
      deployment.replace('labels: { app: web }', 'labels: { app: other }'),
      '/spec/template/metadata/labels',
      '`selector` does not match template `labels`',
    ],
    [
      'a kind that the server does not have',
      'apiVersion: ray.io/v1\nkind: RayCluster\nmetadata: { name: ray }',
      '/kind',
      'the server does not know ray.io/v1 RayCluster',
    ],
    [
      'a version that the server has no more',
      'apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata: { name: web }',
      '/kind',
      'the server does not know policy/v1beta1',
    ],
    [
      'a namespace that nobody makes',
      service.replace('name: web', 'name: web, namespace: shop'),
      '/',
      'namespaces "shop" not found',
    ],
    ['a name with capitals', service.replace('name: web', 'name: Web'), '/metadata/name', 'must consist of lower case'],
    [
      'a name that would lead elsewhere',
      service.replace('name: web', 'name: "../../nodes"'),
      '/metadata/name',
      'must be a string that may stand in an address',
    ],
    ['no name', service.replace('{ name: web }', '{ labels: { a: b } }'), '/metadata', '“name” is missing'],
  ])('refuses %s and names the place', async (_name, manifest, path, message) => {
    const { status, details } = await tried([service, manifest])
    expect({ status, exit: details?.exit_code, skipped: details?.skipped }).toEqual({ status: 'failed', exit: 1, skipped: [] })
    const problem = details?.problems.find((each) => each.path === path)
    expect(problem?.message).toContain(message)
    expect(problem?.line).toBe(8)
  })

  it('judges what goes into a namespace or is of a kind that the text itself makes', async () => {
    const result = await tried([
      'apiVersion: v1\nkind: Namespace\nmetadata: { name: shop }',
      service.replace('name: web', 'name: web, namespace: shop'),
      definition,
      'apiVersion: example.org/v1\nkind: Till\nmetadata: { name: front, namespace: shop }',
    ])
    expect(result).toMatchObject({
      status: 'passed',
      details: {
        problems: [],
        skipped: [{ manifest: 'Till/front', reason: 'its kind is defined by this text; the server does not know it yet' }],
      },
    })
  })

  it('shows what the server warns of, and that it is another version than the one meant', async () => {
    const { status, warnings, details } = await tried([deployment.replace('name: web', 'name: web, namespace: strict')], {
      cluster: { kubernetes_version: 'v1.30', namespace: 'strict' },
    })
    expect({ status, warnings }).toEqual({ status: 'passed', warnings: 2 })
    expect(details?.warnings?.[0]).toEqual({
      manifest: null,
      message: 'Meant for Kubernetes 1.30, checked by 1.36: what changed between them is not seen.',
    })
    expect(details?.warnings?.[1]?.message).toContain('would violate PodSecurity "restricted:latest"')
  })

  it('takes what names no namespace for the one of the run, and holds bounds also against what the server would take', async () => {
    const elsewhere = await tried([service], { cluster: { namespace: 'shop' } })
    expect(elsewhere.details?.problems[0]?.message).toBe('namespaces "shop" not found')
    const unwanted = await tried([service], { cluster: { allowed_kinds: ['Deployment'] } })
    expect(unwanted).toMatchObject({ status: 'failed', details: { problems: [{ path: '/kind' }] } })
  })

  it('passes over what the account may not try, with the reason', async () => {
    const { status, details } = await tried([service], { context: 'guest' })
    expect({ status, exit: details?.exit_code }).toEqual({ status: 'skipped', exit: null })
    expect(details?.skipped[0]?.reason).toMatch(/^the account may not try it: .*User "guest" cannot patch resource "services"/)
  })

  it.each([
    ['does not take the credentials', { context: 'stranger' }, 'does not take the credentials'],
    ['is not in the kubeconfig', { context: 'nobody' }, 'has no context nobody; it has admin, guest, stranger'],
    ['has no kubeconfig', { kubeconfig: '/nowhere/kubeconfig' }, 'The kubeconfig /nowhere/kubeconfig does not exist'],
  ])('is done by the shipped schemas, and says so, where the server %s', async (_name, target, reason) => {
    const { status, warnings, details } = await tried([service], target)
    expect({ status, warnings, exit: details?.exit_code }).toEqual({ status: 'passed', warnings: 1, exit: null })
    expect(details?.against).toMatch(/^offline schema, Kubernetes 1\.\d+$/)
    expect(details?.warnings?.[0]?.message).toContain(reason)
  })

  it('is done by the shipped schemas where nothing listens at the address', async () => {
    const [free = 0] = await freePorts(1)
    const gone = join(dirname(kubernetes.kubeconfig), 'gone')
    await writeFile(gone, (await readFile(kubernetes.kubeconfig, 'utf8')).replaceAll(`:${kubernetes.port}`, `:${free}`))
    const { status, details } = await tried([service], { kubeconfig: gone })
    expect(status).toBe('passed')
    expect(details?.warnings?.[0]?.message).toMatch(
      new RegExp(`^The server of context admin was not asked: .*127\\.0\\.0\\.1:${free} does not answer: .*ECONNREFUSED`),
    )
  })
})

describe('the choice of a server', () => {
  it('is kept once the server was tried, and holds for the next check', async () => {
    const state = createMemorySmallState()
    const choice = createDryRunServerChoice(state, [kubernetes.kubeconfig])
    expect(await choice.connected()).toBeNull()
    const contexts = await choice.contexts(null)
    expect(contexts.map(({ name, current }) => [name, current])).toEqual([
      ['admin', true],
      ['guest', false],
      ['stranger', false],
    ])
    const server = { kind: 'kubeconfig', kubeconfig: null, context: 'admin', namespace: null } as const
    expect(await choice.save(server)).toEqual({ version: '1.36.3', remark: null })
    expect((await choice.connected())?.name).toBe('admin')
    await expect(choice.save({ ...server, context: 'stranger' })).rejects.toThrow('does not take the credentials')
    expect(await choice.read()).toEqual(server)
    expect((await choice.save({ ...server, context: 'guest' }))?.remark).toContain('User "guest" cannot patch')
    await choice.save({ kind: 'none' })
    expect(await choice.connected()).toBeNull()
  })
})

const definition = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: tills.example.org }
spec:
  group: example.org
  scope: Namespaced
  names: { plural: tills, kind: Till }
  versions: [{ name: v1, served: true, storage: true, schema: { openAPIV3Schema: { type: object } } }]`
