// After a crash the far end of each answered call talks to nobody, and phones may still ring: the next start says BYE,
// or CANCEL, in the place of the run that is gone. So are those whose SIP server was lost, once it is back.
import { setTimeout as sleep } from 'node:timers/promises'
import {
  ms,
  type AbandonedDialog,
  type AbandonedInvite,
  type CallJournal,
  type CallOffOutcome,
  type InviteIdentity,
  type ReleaseOutcome,
} from '#core/contracts'
import { codeOf } from '#core/errors'
import type { Logger } from '#core/telemetry'
import type { SipPort } from '../sip/sip-port.ts'
import type { TrunkBook } from '../trunks/trunk-book.ts'
import { credentialsOf } from '../trunks/trunk.ts'

/** Takes back an INVITE of an earlier run; rejects when the SIP server is gone. */
export type CallOff = (invite: InviteIdentity) => Promise<CallOffOutcome>

export interface ReleaseDeps {
  readonly logger: Logger
  readonly journal: Pick<CallJournal, 'abandoned' | 'released' | 'calledOff'>
  readonly sip: Pick<SipPort, 'release'>
  readonly callOff: CallOff | undefined
  readonly trunks: Pick<TrunkBook, 'find'>
}

/** 20 a second: a carrier takes a burst of requests for an attack, and new calls share the line. */
const PAUSE_MS = 50
/** 64·T1 for an answer (RFC 3261 §17.1.2.2), and a little more. */
const ANSWER_DEADLINE = ms(36_000)

/** `left`: not seen to; the next start tries again, and a far end that had hung up says so (481). */
type Release = 'released' | 'failed' | 'left'

/** One run after the other: two at once would say everything twice. */
export function abandonedReleaser(deps: ReleaseDeps, signal: AbortSignal): () => void {
  let last = Promise.resolve()
  return () => {
    last = last
      .then(() => releaseAbandoned(deps, signal))
      .catch((error: unknown) => {
        deps.logger.error({ err: error }, 'releasing the calls of a crash failed')
      })
  }
}

/**
 * Sends each CANCEL and each BYE once, holding up nothing else, and writes down what came of it. Whoever still rings
 * comes first: somebody may be about to pick up. The signal stops the sending.
 */
export async function releaseAbandoned(deps: ReleaseDeps, signal: AbortSignal): Promise<void> {
  const { callOff, logger } = deps
  const { dialogs, invites } = await deps.journal.abandoned()
  const tasks = [
    ...(callOff ? invites.map((one) => () => cancel(deps, callOff, one)) : []),
    ...dialogs.map((one) => () => release(deps, one)),
  ]
  if (tasks.length === 0) return
  const releasing: Promise<Release>[] = []
  for (const task of tasks) {
    if (signal.aborted) break
    releasing.push(task())
    await pause(signal)
  }
  const results = await Promise.all(releasing)
  const count = (result: Release): number => results.filter((one) => one === result).length
  logger.warn(
    {
      released: count('released'),
      failed: count('failed'),
      left: count('left') + tasks.length - releasing.length,
    },
    'said BYE or CANCEL in the calls that a crash had left up',
  )
}

/** Never rejects, as `release`. */
async function cancel(
  { journal, logger }: ReleaseDeps,
  callOff: CallOff,
  { callId, invite }: AbandonedInvite,
): Promise<Release> {
  try {
    const outcome = await callOff(invite)
    await journal.calledOff(callId, outcome)
    const line = { callId, outcome }
    if (outcome !== 'silent') logger.info(line, 'called off a phone that a crash had left ringing')
    else logger.warn(line, 'a phone that a crash had left ringing could not be called off')
    return outcome === 'silent' ? 'failed' : 'released'
  } catch (error) {
    logger.warn(
      { callId, err: error },
      'a phone that a crash had left ringing is left to the next start',
    )
    return 'left'
  }
}

/** Never rejects: one that fails must not keep the others from being released. */
async function release(
  { sip, journal, trunks, logger }: ReleaseDeps,
  { callId, direction, dialog, trunk: name }: AbandonedDialog,
): Promise<Release> {
  // A stranger who called in must not be able to ask for digests of our password.
  const trunk = trunks.find(name)
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
