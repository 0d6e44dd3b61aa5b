// A SipPort played by the test: it says what the carrier says, and remembers what the gateway told it.
import type { CallId, DialogIdentity } from '../../core/contracts/index.ts'
import { AppError } from '../../core/errors/index.ts'
import { createAnswerMint } from '../../core/contracts/answer-mint.ts'
import type { Clock } from '../../core/time/index.ts'
import { aDialog } from './a-dialog.ts'
import type {
  DialogListener,
  DialogRelease,
  InboundInvite,
  OutboundInvite,
  OutboundInviteListener,
  Provisional,
  ReferAnswer,
  SipDialog,
  SipPort,
} from '../../gateway/sip/sip-port.ts'

export const REMOTE_SDP = [
  'v=0',
  'o=- 1 1 IN IP4 127.0.0.1',
  's=-',
  'c=IN IP4 127.0.0.1',
  't=0 0',
  'm=audio 4000 RTP/AVP 0',
  '',
].join('\r\n')

/** Where the far end's messages come from. */
export const SOURCE = '127.0.0.1'

export const provisional = (status: number, sdp = '', remoteTag = ''): Provisional => ({
  status,
  sdp,
  remoteTag,
  sourceAddress: SOURCE,
})

export class FakeSip implements SipPort {
  readonly evidence = createAnswerMint()
  readonly sent: string[] = []
  readonly invites: { options: OutboundInvite; listener: OutboundInviteListener }[] = []
  readonly #clock: Clock
  handler: (invite: InboundInvite) => void = () => undefined
  isConnected = true
  neverAnswersBye = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  onInvite(handler: (invite: InboundInvite) => void): void {
    this.handler = handler
  }
  onReadinessAsked(): void {
    // Not asked in these tests.
  }
  onLost(): void {
    // Not asked in these tests.
  }
  onRestored(): void {
    // Not asked in these tests.
  }
  options(): Promise<never> {
    return Promise.reject(new Error('not asked in these tests'))
  }
  register(): Promise<never> {
    return Promise.reject(new Error('not asked in these tests'))
  }
  lose(): void {
    // Never lost in these tests.
  }
  close(): void {
    this.sent.push('close')
  }

  invite(options: OutboundInvite, listener: OutboundInviteListener): { cancel: () => void } {
    if (!this.isConnected) throw new AppError('SIP_UNAVAILABLE', 'not connected')
    this.sent.push('INVITE')
    this.invites.push({ options, listener })
    listener.onSent(`sip-${this.invites.length}`)
    return { cancel: () => this.sent.push('CANCEL') }
  }

  /** What came of the BYE to this dialog of an earlier run. */
  releaseStatus: (dialog: DialogIdentity) => Promise<number | null> = () => Promise.resolve(200)

  callOff(): Promise<'silent'> {
    return Promise.resolve('silent')
  }

  readonly released: DialogRelease[] = []

  release(release: DialogRelease): Promise<number | null> {
    this.sent.push('late BYE')
    this.released.push(release)
    return this.releaseStatus(release.dialog)
  }

  /** The carrier answers the last INVITE. */
  answer(sdp = REMOTE_SDP): SipDialog {
    const last = this.invites.at(-1)!
    const { callId, leg } = last.options
    const dialog = this.dialog(callId, `sip-${this.invites.length}`, sdp, leg)
    last.listener.onAnswered(dialog)
    return dialog
  }

  /** What the far end says to a REFER. */
  onRefer: () => Promise<ReferAnswer> = () => Promise.resolve({ status: 405, tells: false })

  dialog(
    callId: CallId,
    sipCallId: string,
    remoteSdp: string,
    leg: OutboundInvite['leg'] = 'first',
  ): SipDialog {
    const minted = this.evidence.mint({
      callId,
      dialog: `${sipCallId};from-tag=a`,
      cseq: 1,
      answeredAt: this.#clock.now(),
    })
    return {
      identity: aDialog({ sipCallId, localTag: 'a', remoteTag: 'b' }),
      evidence: leg === 'second' ? null : minted,
      remoteSdp,
      sourceAddress: SOURCE,
      reinvite: () => Promise.reject(new Error('not asked in these tests')),
      refer: (referTo) => {
        this.sent.push(`REFER ${referTo}`)
        return this.onRefer()
      },
      bye: () => {
        this.sent.push('BYE')
        return this.neverAnswersBye ? new Promise(() => undefined) : Promise.resolve()
      },
    }
  }

  /** A caller's INVITE reaches the gateway. */
  receive(sdp = REMOTE_SDP): FakeInvite {
    const invite = new FakeInvite(this, sdp)
    this.handler(invite)
    return invite
  }
}

export class FakeInvite implements InboundInvite {
  readonly sipCallId = 'in-1'
  readonly fromUser: string | null = '+4930111111'
  readonly toUser = 'agent'
  readonly sourceAddress = SOURCE
  readonly request = { method: 'INVITE', uri: 'sip:agent@127.0.0.1', body: '' }
  authorization = ''
  readonly protocol = 'udp'
  readonly tlsNames: readonly string[] = []
  readonly extraHeaders: Readonly<Record<string, string>> = {}
  readonly sdp: string
  readonly #sip: FakeSip
  isAnswering = false
  /** What the sending of the 200 OK waits for. */
  beforeAnswered: Promise<unknown> = Promise.resolve()
  answerSdp = ''
  dialogListener: DialogListener | undefined
  cancel: () => void = () => undefined

  constructor(sip: FakeSip, sdp: string) {
    this.#sip = sip
    this.sdp = sdp
  }
  onCanceled(listener: () => void): void {
    this.cancel = listener
  }
  ring(): void {
    this.#sip.sent.push('180')
  }
  refuse(status: number, { retryAfterSeconds }: { retryAfterSeconds?: number } = {}): boolean {
    this.#sip.sent.push(
      retryAfterSeconds === undefined ? `${status}` : `${status} after ${retryAfterSeconds}`,
    )
    return true
  }
  challenge(): boolean {
    return this.refuse(401)
  }
  dialogToBe(): Promise<DialogIdentity | undefined> {
    return Promise.resolve(aDialog({ sipCallId: this.sipCallId, localTag: 'a', remoteTag: 'b' }))
  }
  async answer(
    { callId, sdp }: { callId: CallId; sdp: string },
    listener: DialogListener,
  ): Promise<SipDialog> {
    this.#sip.sent.push('200')
    this.answerSdp = sdp
    this.dialogListener = listener
    this.isAnswering = true
    await this.beforeAnswered.finally(() => (this.isAnswering = false))
    return this.#sip.dialog(callId, this.sipCallId, this.sdp)
  }
}
