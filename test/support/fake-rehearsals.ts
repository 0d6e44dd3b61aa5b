// The port `Rehearsals` filled by a test, which says what the program tells and when it ends.
import type { Rehearsals } from '../../control-api/index.ts'
import { AppError } from '../../core/errors/index.ts'

export class FakeRehearsals implements Rehearsals {
  readonly started: string[] = []
  /** How often a run was canceled. */
  canceled = 0
  #onEvent: (event: unknown) => void = () => undefined
  #end: (problem: string | null) => void = () => undefined

  scenarios() {
    const busy = { name: 'busy', story: '486.', direction: 'outbound', lastsSeconds: null } as const
    return Promise.resolve([busy, { ...busy, name: 'vanishes', lastsSeconds: 65 }])
  }

  start(scenario: string, onEvent: (event: unknown) => void) {
    if (!['busy', 'vanishes', 'all'].includes(scenario))
      return Promise.reject(new AppError('REQUEST_INVALID', `there is no scenario ${scenario}`))
    this.started.push(scenario)
    this.#onEvent = onEvent
    const ended = new Promise<{ problem: string | null }>((resolve) => {
      this.#end = (problem) => resolve({ problem })
    })
    const cancel = () => {
      this.canceled += 1
      this.#end(null)
      return ended
    }
    return Promise.resolve({ ended, cancel })
  }

  tell(event: unknown): void {
    this.#onEvent(event)
  }

  end(problem: string | null = null): void {
    this.#end(problem)
  }
}

const GAPS = { count: 0, longest_ms: 0, excused: 0 }

export const RUNG = {
  offset_ms: 0.5,
  lane: 'carrier-gateway',
  direction: 'left',
  label: 'INVITE + SDP',
} as const

/** A result as the program tells it. */
export const resultOf = (name: string, passed = true) => ({
  name,
  passed,
  failures: passed ? [] : ['outcome declined instead of busy'],
  notes: [],
  outcome: 'busy',
  figures: {
    agent_sessions: 0,
    agent_seconds: 0,
    agent_seconds_before_answer: 0,
    agent_seconds_after_hang_up: 0,
    answer_to_agent_ms: null,
    agent_audio_to_rtp_ms: null,
    caller_gaps: GAPS,
    agent_gaps: GAPS,
    seconds_from_invite: 0.2,
  },
  cost: { here: 0, opened_at_invite: 0.0003, saved: 0.0003 },
  ladder: [RUNG],
})
