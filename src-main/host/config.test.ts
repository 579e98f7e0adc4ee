import { describe, expect, it } from 'vitest'
import { readSettings } from './config.ts'

describe('settings', () => {
  it('come from the environment', () => {
    expect(readSettings({ SIGNALBOX_DATA_DIR: '/d', SIGNALBOX_CACHE_DIR: '/c', SIGNALBOX_ENGINE_THREADS: '1' })).toEqual({
      dataDir: '/d',
      cacheDir: '/c',
      engineThreads: 1,
      logLevel: 'info',
      jobFolders: [],
      kubeconfigs: [],
    })
  })

  it('let the command line choose the data directory', () => {
    expect(readSettings({ SIGNALBOX_DATA_DIR: '/d' }, '/other').dataDir).toBe('/other')
  })

  it('name the variable whose value is wrong', () => {
    expect(() => readSettings({ SIGNALBOX_ENGINE_THREADS: 'many' })).toThrow(/SIGNALBOX_ENGINE_THREADS/)
  })
})
