import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { run } from './command.mjs'
import { withLock } from './lock.mjs'
import { cacheDir, onPath } from './place.mjs'
import { StepFailed } from './steps.mjs'

const version = '1.36.3'
const etcdVersion = '3.7.3'
const limitMs = 20 * 60_000

/**
 * The API server of Kubernetes and its store, built from their sources: `kube-apiserver` and `etcd` in the folder that is returned.
 * @param {(text: string) => void} say @returns {Promise<string>}
 */
export async function ensureTestKubernetes(say) {
  const home = path.join(cacheDir, 'kubernetes')
  const folder = path.join(home, `${version}-${etcdVersion}`)
  return withLock(path.join(home, '.lock'), async () => {
    if (existsSync(folder)) return folder
    if (!onPath('go'))
      throw new StepFailed('The Kubernetes server of the tests is built with Go (command `go`), which is not here.')
    mkdirSync(home, { recursive: true })
    const work = mkdtempSync(path.join(home, 'build-'))
    try {
      say(`building etcd ${etcdVersion}`)
      await build(work, 'etcd', 'go.etcd.io/etcd/server/v3', `require go.etcd.io/etcd/server/v3 v${etcdVersion}`, [])
      say(`building the API server of Kubernetes ${version}, some minutes`)
      const [major, minor] = version.split('.')
      const names = { gitVersion: `v${version}`, gitMajor: major, gitMinor: minor }
      await build(
        work,
        'kube-apiserver',
        'k8s.io/kubernetes/cmd/kube-apiserver',
        `require k8s.io/kubernetes v${version}\n${await publishedParts()}`,
        Object.entries(names).map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`),
      )
      rmSync(path.join(work, 'module'), { recursive: true, force: true })
      renameSync(work, folder)
    } finally {
      rmSync(work, { recursive: true, force: true })
    }
    return folder
  })
}

/** Its sources name their own parts by folder; others find them as modules of the matching version. @returns {Promise<string>} */
async function publishedParts() {
  const told = await must(['mod', 'download', '-json', `k8s.io/kubernetes@v${version}`])
  const found = JSON.parse(told.slice(told.indexOf('{')))
  return [...readFileSync(found.GoMod, 'utf8').matchAll(/^\s*(\S+) => \.\/staging\//gm)]
    .map(([, part]) => `replace ${part} => ${part} v0.${version.split('.').slice(1).join('.')}`)
    .join('\n')
}

/**
 * @param {string} work @param {string} name of the program @param {string} main its package
 * @param {string} requirements lines of go.mod @param {string[]} linkerFlags
 */
async function build(work, name, main, requirements, linkerFlags) {
  const module = path.join(work, 'module', name)
  mkdirSync(module, { recursive: true })
  writeFileSync(path.join(module, 'go.mod'), `module signalbox.test/${name}\ngo 1.26\n${requirements}\n`)
  const flags = ['-mod=mod', '-trimpath', '-ldflags', ['-s -w', ...linkerFlags].join(' ')]
  await must(['build', ...flags, '-o', path.join(work, name), main], module)
}

/** @param {string[]} args @param {string} [cwd] @returns {Promise<string>} */
async function must(args, cwd) {
  const ended = await run('go', args, { ...(cwd && { cwd }), timeoutMs: limitMs })
  if (ended.code === 0) return ended.output
  const why = ended.timedOut ? `took longer than ${limitMs / 60_000} minutes` : `ended with code ${ended.code}`
  throw new StepFailed(
    `${ended.output.slice(-4000)}\nThe Kubernetes server of the tests could not be built: go ${args[0]} ${why}. It needs Go and its module proxy.`,
  )
}
