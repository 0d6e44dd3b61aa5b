// After a crash the far end of each answered call still talks to nobody: the next start says BYE in its place.
import { setTimeout as sleep } from 'node:timers/promises'
import { ms, type AbandonedDialog, type CallJournal, type ReleaseOutcome } from '#core/contracts'
import { codeOf } from '#core/errors'
import type { Logger } from '#core/telemetry'
import type { SipPort } from '../sip/sip-port.ts'
import { credentialsOf, type Trunk } from '../trunks/trunk.ts'

export interface ReleaseDeps {
  readonly logger: Logger
  readonly journal: Pick<CallJournal, 'abandoned' | 'released'>
  readonly sip: Pick<SipPort, 'release'>
  readonly trunk: Trunk | undefined
}

/** 20 a second: a carrier takes a burst of requests for an attack, and new calls share the line. */
const PAUSE_MS = 50
/** 64·T1 for an answer (RFC 3261 §17.1.2.2), and a little more. */
const ANSWER_DEADLINE = ms(36_000)

/** `left`: not seen to; the next start tries again, and a far end that had hung up says so (481). */
type Release = 'released' | 'failed' | 'left'

/** Sends each BYE once, holding up nothing else, and writes down what came of it. The signal stops the sending. */
export async function releaseAbandoned(deps: ReleaseDeps, signal: AbortSignal): Promise<void> {
  const abandoned = await deps.journal.abandoned()
  if (abandoned.length === 0) return
  const releasing: Promise<Release>[] = []
  for (const one of abandoned) {
    if (signal.aborted) break
    releasing.push(release(deps, one))
    await pause(signal)
  }
  const results = await Promise.all(releasing)
  const count = (result: Release): number => results.filter((one) => one === result).length
  deps.logger.warn(
    {
      released: count('released'),
      failed: count('failed'),
      left: count('left') + abandoned.length - releasing.length,
    },
    'said BYE in the calls that a crash had left up',
  )
}

/** Never rejects: one that fails must not keep the others from being released. */
async function release(
  { sip, journal, trunk, logger }: ReleaseDeps,
  { callId, direction, dialog }: AbandonedDialog,
): Promise<Release> {
  // A stranger who called in must not be able to ask for digests of our password.
  const credentials = direction === 'outbound' && trunk ? credentialsOf(trunk) : undefined
  try {
    const answer = sip.release({ dialog, credentials, timeout: ANSWER_DEADLINE })
    const outcome = outcomeOf(await finalStatus(answer))
    await journal.released(callId, outcome)
    if (outcome.released)
      logger.info({ callId, ...outcome }, 'released a call that a crash had left up')
    else
      logger.warn(
        { callId, ...outcome },
        'a call that a crash had left up could not be released: its far end may still be on the line',
      )
    return outcome.released ? 'released' : 'failed'
  } catch (error) {
    logger.warn({ callId, err: error }, 'a call that a crash had left up is left to the next start')
    return 'left'
  }
}

/** Silence is an outcome too. */
async function finalStatus(answer: Promise<number | null>): Promise<number | null> {
  try {
    return await answer
  } catch (error) {
    if (codeOf(error) === 'TIMED_OUT') return 408
    throw error
  }
}

/** 481: there is no such dialog any more, which is what we want. */
const outcomeOf = (sipStatus: number | null): ReleaseOutcome => ({
  released: sipStatus !== null && ((sipStatus >= 200 && sipStatus < 300) || sipStatus === 481),
  sipStatus,
})

async function pause(signal: AbortSignal): Promise<void> {
  // An abort only ends the pause early: the loop looks at the signal itself.
  await sleep(PAUSE_MS, undefined, { signal }).catch(() => undefined)
}
