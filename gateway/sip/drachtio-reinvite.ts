// Our re-INVITEs within one dialog, one after the other (RFC 3261 §14.1). drachtio-srf's own `modify` is of no use: its
// queue stays closed for ever behind the first one that is refused.
import { randomInt } from 'node:crypto'
import { setTimeout as sleepFor } from 'node:timers/promises'
import type { Milliseconds } from '#core/contracts'
import { AppError } from '#core/errors'
import { waitFor } from '#core/lifecycle'
import { ALLOW } from './allowed-methods.ts'
import type { DigestClient } from './digest/digest-client.ts'
import { isGone, requestInDialog } from './drachtio-request.ts'
import type { SrfDialog, SrfResponse } from './drachtio-types.ts'
import { sdpIn } from './session-body.ts'
import type { Reanswer } from './sip-port.ts'

/** RFC 3261 §14.1, in its units of 10 ms: whoever owns the Call-ID waits longer, so that the two do not meet again. */
const GLARE_PAUSE = { owner: [210, 400], other: [0, 200] } as const
const GLARE_UNIT_MS = 10

const GLARE = 491

/** What the re-INVITEs need to know of their dialog. */
export interface ReinviteDialog {
  readonly dialog: SrfDialog
  readonly digest: DigestClient | undefined
  /** Aborted with the reason when the dialog is over. */
  readonly over: AbortSignal
  /** Resolves when the far end has acknowledged the dialog's first answer: nothing may be offered before. */
  readonly ready: Promise<unknown>
  /** An offer of theirs is being answered, or one of ours waits for its answer: another one is one too many. */
  readonly isBusy: () => boolean
  /** It accepted, and may have said where it is from now on. */
  readonly onAccepted: (response: SrfResponse) => void
}

export class Reinvites {
  readonly #options: ReinviteDialog
  #last: Promise<unknown> = Promise.resolve()
  #underWay = 0

  constructor(options: ReinviteDialog) {
    this.#options = options
  }

  /** An offer of ours is under way: theirs are refused with 491 (RFC 3261 §14.2). */
  get isUnderWay(): boolean {
    return this.#underWay > 0
  }

  /** @throws AppError as SipDialog.reinvite says; what is answered after `TIMED_OUT` is acknowledged, and no more. */
  async send(sdp: string, timeout: Milliseconds): Promise<Reanswer> {
    const { over } = this.#options
    const before = this.#last
    const sent = this.#take(sdp, before, performance.now() + timeout)
    this.#last = sent.catch(() => undefined)
    return waitFor(sent, { name: 'the answer to a re-INVITE', timeout, signal: over })
  }

  async #take(sdp: string, before: Promise<unknown>, deadlineMs: number): Promise<Reanswer> {
    const { ready, dialog, over } = this.#options
    await Promise.all([before, ready])
    const first = await this.#offer(sdp, deadlineMs)
    if (!('status' in first) || first.status !== GLARE) return first
    const [least, most] = GLARE_PAUSE[dialog.type === 'uac' ? 'owner' : 'other']
    await sleepFor(randomInt(least, most + 1) * GLARE_UNIT_MS, undefined, { signal: over })
    return this.#offer(sdp, deadlineMs)
  }

  async #offer(sdp: string, deadlineMs: number): Promise<Reanswer> {
    const { dialog, digest, over, isBusy, onAccepted } = this.#options
    over.throwIfAborted()
    // Whoever asked was told so already: it must not leave after all.
    if (performance.now() >= deadlineMs)
      throw new AppError('TIMED_OUT', 'a re-INVITE came too late')
    if (isBusy()) return { status: GLARE }
    this.#underWay += 1
    try {
      const request = { method: 'INVITE', body: sdp, headers: headersFor(dialog) } as const
      const response = await requestInDialog(dialog, request, digest)
      if (response.status >= 300) return { status: response.status }
      onAccepted(response)
      return { sdp: sdpIn(response) }
    } catch (error) {
      const why = isGone(error) ? 'the dialog is over' : 'the SIP server did not send it'
      throw new AppError('SIP_UNAVAILABLE', why, { cause: error })
    } finally {
      this.#underWay -= 1
    }
  }
}

/** A re-INVITE that says nothing of the session's timer would end it for the far end, but not for our own server (RFC 4028 §7.4). */
function headersFor(dialog: SrfDialog): Readonly<Record<string, string>> {
  const isCaller = dialog.type === 'uac'
  const agreed = isCaller ? dialog.res : dialog.req
  const terms = agreed.has('Session-Expires') ? agreed.get('Session-Expires') : ''
  const seconds = /^\s*(\d+)/.exec(terms)?.[1]
  if (seconds === undefined) return { Allow: ALLOW }
  const refresher = /;\s*refresher\s*=\s*(uac|uas)/i.exec(terms)?.[1]?.toLowerCase()
  // Of a call that came in, the other one is the caller of this request.
  const same = isCaller ? refresher : SWAPPED[refresher ?? '']
  const role = same === undefined ? '' : `;refresher=${same}`
  return { Allow: ALLOW, Supported: 'timer', 'Session-Expires': `${seconds}${role}` }
}

const SWAPPED: Readonly<Partial<Record<string, string>>> = { uac: 'uas', uas: 'uac' }
