// Tells of the messages of a call soon after they passed, and between them, in their order, of what we noticed ourselves.
import type { EpochMs, SipTrace } from '#core/contracts'
import type { Clock } from '#core/time'
import { describeMessage, identityOf, type LadderStep } from './ladder.ts'

const LOOK_EVERY_MS = 50

export interface WireWatch {
  /** The call's INVITE left under this Call-ID. */
  follow(sipCallId: string): void
  /** Now. */
  note(by: LadderStep['by'], what: string): void
  /** Tells what is left, and no more. */
  stop(): Promise<void>
}

export function watchWire(
  trace: SipTrace,
  clock: Clock,
  onStep: (step: LadderStep) => void,
): WireWatch {
  const seen = new Set<string>()
  const notes: (Pick<LadderStep, 'by' | 'what'> & { readonly at: EpochMs })[] = []
  let sipCallId: string | undefined
  let startedAt: EpochMs | undefined
  let told = 0
  let looking = Promise.resolve()

  const look = async (): Promise<void> => {
    if (sipCallId === undefined) return
    const result = await trace.ofCall([sipCallId])
    const messages = result.kind === 'kept' ? result.messages : []
    startedAt ??= messages[0]?.at
    const from = startedAt
    if (from === undefined) return
    const steps = messages.slice(told).map((message) => {
      const step = describeMessage(message, from)
      const identity = identityOf(message)
      const isAgain = seen.has(identity)
      seen.add(identity)
      return isAgain ? { ...step, what: `${step.what} (again)` } : step
    })
    told = messages.length
    const own = notes
      .splice(0)
      .map(({ at, by, what }): LadderStep => ({ offsetMs: at - from, by, what }))
    for (const step of [...steps, ...own].sort((one, other) => one.offsetMs - other.offsetMs))
      onStep(step)
  }
  // One look at a time; `ofCall` never rejects.
  const lookNext = (): Promise<void> => (looking = looking.then(look))
  const timer = setInterval(() => void lookNext(), LOOK_EVERY_MS)
  return {
    follow: (id) => (sipCallId = id),
    note: (by, what) => notes.push({ at: clock.now(), by, what }),
    stop: () => {
      clearInterval(timer)
      return lookNext()
    },
  }
}
