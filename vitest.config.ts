import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

const elsewhere = ['**/node_modules/**', 'out/**', 'e2e/journeys/**']
const slow = [
  '**/*.model.test.ts',
  '**/*.fault.test.ts',
  '**/*.nats.test.ts',
  '**/*.s3.test.ts',
  '**/*.kube.test.ts',
  '**/*.vllm.test.ts',
]
/** Bounds, not waits: a test goes on as soon as what it polls for is there, and a loaded machine may take long to bring it about. */
const unitBounds = { testTimeout: 60_000, hookTimeout: 60_000, expect: { poll: { timeout: 30_000 } } }

/** Modules keep no state of their own, so that files may share them: reading them anew for each file took longer than most tests. */
const unitProcess = { isolate: false, maxWorkers: 2 }

const isOnModel = (project: string) => project === 'model' || project === 'vllm'

export default defineConfig({
  test: {
    pool: 'forks',
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [...elsewhere, ...slow],
          environment: 'node',
          ...unitProcess,
          ...unitBounds,
          sequence: { groupOrder: 0 },
        },
      },
      {
        plugins: [react()],
        test: {
          name: 'unit-page',
          include: ['src-renderer/**/*.test.tsx'],
          exclude: elsewhere,
          environment: 'jsdom',
          setupFiles: 'src-renderer/lib/test-bounds.ts',
          ...unitProcess,
          ...unitBounds,
          sequence: { groupOrder: 0 },
        },
      },
      // What needs a model gets the machine to itself; what needs a server, or a process to kill, mostly waits.
      ...(['model', 'fault', 'nats', 'vllm'] as const).map((name, index) => ({
        test: {
          name,
          include: [`**/*.${name}.test.ts`, ...(name === 'nats' ? ['**/*.s3.test.ts', '**/*.kube.test.ts'] : [])],
          exclude: elsewhere,
          environment: 'node' as const,
          fileParallelism: !isOnModel(name),
          maxWorkers: isOnModel(name) ? 1 : 2,
          maxConcurrency: 3,
          testTimeout: 300_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: index + 1 },
        },
      })),
    ],
  },
})
