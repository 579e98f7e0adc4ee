/** Who may import whom: the arrows of ARCHITECTURE.md, checked. */
// Conformance specs are tests in functions, run by every adapter; what is "under test" is opened for specs only.
const tests = '(\\.(test|spec)\\.tsx?$|-under-test\\.ts$|^cluster/ports/conformance/)'
const only = (name, from, allowed, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from, pathNot: tests },
  to: { pathNot: [from, ...allowed] },
})
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'A cycle has no bottom: move the shared idea to its own file.',
      from: {},
      to: { circular: true },
    },
    only('domain-is-pure', '^cluster/domain/', [], 'The domain sees only itself: no ports, no I/O, no packages.'),
    only(
      'messages-are-shapes',
      '^cluster/messages/(?!generate-schemas)',
      ['^node_modules/zod/'],
      'Messages import nothing but zod.',
    ),
    only('ports-are-types', '^cluster/ports/', ['^cluster/(domain|messages)/'], 'Ports speak the language of the domain.'),
    only(
      'app-knows-ports-only',
      '^cluster/app/',
      ['^cluster/(domain|ports|messages)/', '^node_modules/(zod|cockatiel)/'],
      'Use cases get adapters handed in.',
    ),
    only(
      'read-models-fold-messages',
      '^cluster/read-models/',
      ['^cluster/(domain|messages|ports)/', '^node_modules/(better-sqlite3|@types/better-sqlite3|zod)/'],
      'Read models see events and SQLite.',
    ),
    {
      name: 'batches-have-floors',
      severity: 'error',
      comment: 'What is watched is above what is sent, which is above single requests and files: hand in what a lower one needs.',
      from: { path: '^cluster/app/batch/(requests|files|dispatch)/', pathNot: tests },
      to: { path: '^cluster/app/batch/(intake|watch|(create-batches|coordinator)\\.ts)' },
    },
    {
      name: 'adapters-do-not-decide',
      severity: 'error',
      comment: 'Adapters implement ports; use cases, read models and entries are above them.',
      from: { path: '^cluster/adapters/', pathNot: tests },
      to: { path: '^(cluster/(app|entries|read-models)|src-)' },
    },
    {
      name: 'host-asks-entries',
      severity: 'error',
      comment: 'The host reaches the plane through cluster/entries and cluster/read-models.',
      from: { path: '^src-main/host/', pathNot: tests },
      to: { path: '^cluster/(app|adapters|domain)/' },
    },
    {
      name: 'host-knows-no-shell',
      severity: 'error',
      comment: 'The host runs wherever Node runs.',
      from: { path: '^src-main/host/' },
      to: { path: '^src-main/(electron|server)/' },
    },
    only(
      'bridge-is-neutral',
      '^src-preload/(contract|channel)/',
      ['^cluster/messages/', '^node_modules/zod/'],
      'The bridge runs on both sides.',
    ),
    {
      name: 'renderer-is-a-browser',
      severity: 'error',
      comment: 'The page reaches the host through src-preload only.',
      from: { path: '^src-renderer/' },
      to: { path: '^(cluster|src-main)/' },
    },
    {
      name: 'renderer-no-node',
      severity: 'error',
      comment: 'The page runs in a browser.',
      from: { path: '^src-renderer/', pathNot: tests },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'electron-only-at-the-edge',
      severity: 'error',
      comment: 'Only the Electron shell and its preload script import electron.',
      from: { pathNot: '^(src-main/electron|src-preload/electron|electron\\.vite)' },
      to: { path: '^(node_modules/)?electron(/|$)' },
    },
    {
      name: 'features-do-not-know-each-other',
      severity: 'error',
      comment: 'What two features need moves to ui/ or lib/.',
      from: { path: '^src-renderer/features/([^/]+)/' },
      to: { path: '^src-renderer/features/', pathNot: '^src-renderer/features/$1/' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^out/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
}
