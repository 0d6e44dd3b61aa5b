// One transfer: by the carrier (refer.ts), by a second call of ours that is bridged (second-leg.ts), or by both in turn.
// Until the human has picked up the caller has the agent; afterwards never again.
import {
  ms,
  termination,
  type Termination,
  type TransferMode,
  type TransferRequest,
} from '#core/contracts'
import { waitFor } from '#core/lifecycle'
import { requestUri } from '../../trunks/trunk.ts'
import type { CallDesk } from '../call-desk.ts'
import type { CallSession } from '../call-session.ts'
import type { Handover } from '../handover.ts'
import { Referral, type Referred } from './refer.ts'
import { SecondLeg } from './second-leg.ts'

/** Whom the carrier has taken over it need not keep with us: it says BYE soon, or we do. */
const CARRIER_BYE_DEADLINE = ms(2000)

/** Nothing came of it. */
interface Failure {
  readonly detail: string
  readonly sipStatus: number | null
}

export class Transfer implements Handover {
  readonly #desk: CallDesk
  readonly #session: CallSession
  readonly #request: TransferRequest
  readonly #done: Termination
  #referral: Referral | undefined

  constructor(desk: CallDesk, session: CallSession, request: TransferRequest) {
    this.#desk = desk
    this.#session = session
    this.#request = request
    this.#done = termination(
      'success',
      'transferred',
      request.by === 'flow' ? 'gateway' : request.by,
    )
  }

  get byeMeans(): Termination | undefined {
    return this.#referral?.mayEndByBye === true ? this.#done : undefined
  }

  referProgress(status: number): void {
    this.#referral?.progress(status)
  }

  /** Never rejects: a defect of ours leaves the caller with the agent. */
  async run(mode: TransferMode): Promise<void> {
    try {
      const referred = mode === 'bridge' ? REFUSED : await this.#refer()
      if (referred.kind === 'accepted') await this.#letGo()
      else if (referred.kind === 'failed') this.#fail(referred)
      else if (mode === 'refer') this.#fail({ detail: 'refused', sipStatus: referred.sipStatus })
      else await this.#bridge()
    } catch (error) {
      this.#session.logger.error({ err: error }, 'a transfer ran into a defect')
      this.#fail({ detail: 'internal-error', sipStatus: null })
    }
  }

  async #refer(): Promise<Referred> {
    const { trunk, dialog } = this.#session
    const definition = this.#desk.trunks.find(trunk)
    if (!dialog || !definition) return REFUSED
    const referral = (this.#referral = new Referral(this.#session, dialog))
    return referral.ask(`<${requestUri(definition, this.#request.to)}>`)
  }

  /** The carrier has the caller now: no agent, and no call with us. */
  async #letGo(): Promise<void> {
    const session = this.#session
    session.media?.closeAgent('transferred')
    session.agentSlot.release()
    const name = 'the BYE of the carrier'
    await waitFor(session.over, { name, timeout: CARRIER_BYE_DEADLINE }).catch(() => {
      // It leaves that to us.
    })
    session.end(this.#done)
  }

  async #bridge(): Promise<void> {
    this.#referral = undefined
    const session = this.#session
    if (session.isEnding()) return
    const leg = new SecondLeg(this.#desk, session)
    session.alsoClose(() => leg.close())
    const outcome = await leg.dial(this.#request)
    if (outcome.kind === 'answered') return
    this.#fail(outcome)
    await leg.close()
  }

  #fail({ detail, sipStatus }: Failure): void {
    const session = this.#session
    // The caller is gone: how, its record says.
    if (session.isEnding()) return
    session.logger.info({ detail, sipStatus }, 'a transfer failed: the caller keeps the agent')
    session.timeline.note('transfer.failed', { detail, sipStatus })
    session.media?.inform(FAILED)
    session.talk.handOver(undefined)
  }
}

/** No reason and no number: the agent may say it to the caller. */
const FAILED = 'The transfer did not succeed: nobody took the call. The caller is still with you.'

const REFUSED = { kind: 'refused', sipStatus: null } as const
