// Answering machine detection: what it reports of a call that was answered, and when.
import type { Arrival, Detection } from './sandbox/messages.ts'
import type { Pacer } from './pacer.ts'
import type { AmdResult } from './session-plan.ts'
import type { SimulatedCall } from './simulated-call.ts'

const DECIDES_MS = 1500
const CONFIDENCE = 87

export interface DetectionOptions {
  readonly call: SimulatedCall
  readonly detection: Detection
  readonly pacer: Pacer
  readonly wanted: AmdResult | undefined
}

export function detect(options: DetectionOptions, tell: (arrival: Arrival) => void): void {
  const { call, detection, pacer, wanted } = options
  const result = wanted ?? (call.isVoicemail ? 'voicemail' : 'human')
  if (result === 'silent') return
  const from = { kind: 'detection', id: detection.id, callId: call.facts.id } as const
  const delayMs = result === 'timeout' ? detection.timeoutMs : DECIDES_MS
  pacer.after(Math.min(delayMs, detection.timeoutMs), () => {
    if (result === 'error') {
      tell({ ...from, name: 'DetectionError', data: { message: 'Internal error' } })
      return
    }
    const resultClass = call.isOver ? 'CALL_ENDED' : result.toUpperCase()
    const data = { resultClass, resultSubtype: 'NONE', confidence: CONFIDENCE }
    tell({ ...from, name: 'DetectionComplete', data })
  })
}
