import type { Clock } from '../../ports/clock.ts'

/** Calls back at the earliest of the times it was asked for. */
export interface Alarm {
  at(time: number): void
  stop(): void
}

/** Timers that wait longer than this count wrong in some clocks. */
const LONGEST_SLEEP_MS = 3_600_000

export function createAlarm(clock: Clock, ring: () => void): Alarm {
  let armedFor = Infinity
  let armed: AbortController | undefined
  let isStopped = false

  function arm(time: number): void {
    armed?.abort()
    const controller = new AbortController()
    armed = controller
    armedFor = time
    void clock.sleep(Math.min(LONGEST_SLEEP_MS, Math.max(0, time - clock.now())), controller.signal).then(() => {
      if (controller.signal.aborted) return
      armed = undefined
      armedFor = Infinity
      if (clock.now() < time) arm(time)
      else ring()
    })
  }

  return {
    at(time) {
      if (!isStopped && time < armedFor) arm(time)
    },
    stop() {
      isStopped = true
      armed?.abort()
    },
  }
}
