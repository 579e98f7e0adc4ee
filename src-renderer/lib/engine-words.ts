import type { EngineView } from '../../src-preload/contract/model.ts'
import type { StateWords } from './run-words.ts'

/** The state of an engine as shape and word. */
export function engineState({ state }: Pick<EngineView, 'state'>): StateWords {
  switch (state) {
    case 'ready':
      return { word: 'Ready', tone: 'good', shape: 'good' }
    case 'starting':
      return { word: 'Starting', tone: 'info', shape: 'run' }
    case 'stopped':
      return { word: 'Stopped', tone: 'neutral', shape: 'off' }
    case 'absent':
      return { word: 'Absent', tone: 'neutral', shape: 'dash' }
    case 'failed':
      return { word: 'Failed', tone: 'bad', shape: 'bad' }
    case 'unknown':
      return { word: 'Not asked yet', tone: 'neutral', shape: 'dash' }
  }
}
