// Stands in for the engine: sessions that run nothing, and end as the test says.
import type {
  RunningSession,
  SessionHttpRequest,
  SessionPlan,
  SessionResult,
} from '../../../simulators/voximplant/engine/session-plan.ts'

export interface StubRun {
  readonly plan: SessionPlan
  readonly heard: SessionHttpRequest[]
  end(result?: Partial<SessionResult>): void
}

const RESULT: SessionResult = {
  startedAt: Date.parse('2026-01-02T03:04:05Z'),
  durationSeconds: 42,
  finishReason: 'Normal termination',
  calls: [],
  records: [],
  resources: [],
  httpRequests: 0,
  customData: '',
}

export class StubEngine {
  readonly runs: StubRun[] = []

  readonly runSession = (plan: SessionPlan): RunningSession => {
    const { promise: over, resolve } = Promise.withResolvers<SessionResult>()
    const heard: SessionHttpRequest[] = []
    const { customData } = plan
    const end: StubRun['end'] = (result = {}) => resolve({ ...RESULT, customData, ...result })
    this.runs.push({ plan, heard, end })
    return {
      log: [],
      over,
      openings: [],
      httpRequest: (request) => void heard.push(request),
      terminate: (finishReason) => end({ finishReason }),
    }
  }
}
