import { defineConfig } from '@playwright/test'

/** Every journey runs in a real Electron window and, over the server shell, in a real Chromium. */
export default defineConfig({
  testDir: 'journeys',
  outputDir: '../test-results',
  // Each journey has a host, a browser and often a model of one thread to itself; two of them fill two cores.
  workers: 2,
  fullyParallel: false,
  forbidOnly: true,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: 'list',
  projects: [
    // First, because it has the longest journey: the short ones of the window fill the end.
    { name: 'chromium', testIgnore: '**/*.electron.spec.ts' },
    // With what only a window can do.
    { name: 'electron' },
  ],
})
