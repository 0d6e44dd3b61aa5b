// An INVITE on its way: the CANCEL that may come at any time, and its repetition when it was challenged or asks for too
// short a session. A repetition carries all that the answers so far have changed.
import type { CallId } from '#core/contracts'
import type { Logger } from '#core/telemetry'
import { ALLOW } from './allowed-methods.ts'
import { challengerRoute } from './digest/challenger-route.ts'
import {
  createDigestClient,
  type DigestClient,
  type DigestExchange,
} from './digest/digest-client.ts'
import { secondsOf } from './contact-binding.ts'
import type { DialogOrigin, DrachtioDialog } from './drachtio-dialog.ts'
import { challengesIn } from './drachtio-challenges.ts'
import type {
  Srf,
  SrfDialog,
  SrfError,
  SrfMessage,
  SrfRequest,
  SrfResponse,
} from './drachtio-types.ts'
import { guarded } from './guarded.ts'
import { localDetail, refusalDetail } from './local-failure.ts'
import { nextHop, preloadedRoute } from './outbound-proxy.ts'
import { q850Cause } from './reason-header.ts'
import { repeatedHeaders } from './repeated-headers.ts'
import { sdpIn } from './session-body.ts'
import type {
  DialogListener,
  InviteFailure,
  OutboundInvite,
  OutboundInviteHandle,
  OutboundInviteListener,
  Provisional,
} from './sip-port.ts'

/** An hour is the most anybody sets; a longer one would never find a dead call. */
const LONGEST_SESSION_SECONDS = 7200

/** What the invite needs of its SIP port. */
export interface OutboundOwner {
  readonly srf: Srf
  /** Names the call. */
  readonly logger: Logger
  /** @param callId whose agent its answer may open; null of a second leg, which opens none */
  adopt(
    callId: CallId | null,
    dialog: SrfDialog,
    listener: DialogListener,
    origin: DialogOrigin,
  ): DrachtioDialog
  /** Nothing more will come of it. */
  settled(): void
  /** The SIP server does: what it calls the transaction is told. */
  readonly outlivesUs?: boolean
}

type Headers = Readonly<Record<string, string>>

export class DrachtioOutboundInvite implements OutboundInviteHandle {
  readonly #owner: OutboundOwner
  readonly #options: OutboundInvite
  readonly #listener: OutboundInviteListener
  readonly #digest: DigestClient | undefined
  #exchange: DigestExchange | undefined
  /** The interval somebody on the way insists on. */
  #session: Headers | undefined
  /** The next hop, when that is not the Request-URI. */
  #route: string | undefined
  /** The one that is under way: nothing can be canceled before the SIP server has confirmed that it left. */
  #request: SrfRequest | undefined
  #announced = false
  #canceled = false
  #settled = false

  constructor(owner: OutboundOwner, options: OutboundInvite, listener: OutboundInviteListener) {
    this.#owner = owner
    this.#options = options
    this.#listener = listener
    this.#digest = options.credentials && createDigestClient(options.credentials)
    this.#exchange = this.#digest?.begin()
    this.#route = options.proxy
  }

  send(): void {
    const { from, sipCallId } = this.#options
    const named = sipCallId === undefined ? {} : { 'Call-ID': sipCallId, CSeq: '1 INVITE' }
    this.#launch({ From: from, ...named })
  }

  cancel(): void {
    if (this.#canceled) return
    this.#canceled = true
    if (this.#request) this.#sendCancel()
  }

  /** The connection to the SIP server broke. */
  lose(): void {
    this.#on(() => this.#fail({ status: 503, local: true, lost: true, detail: 'SIP Server Away' }))
  }

  #on(act: () => void): void {
    guarded(this.#listener, this.#owner.logger, act)
  }

  #launch(own: Headers): void {
    const { requestUri, sdp, contactUser, proxy, headers: extra } = this.#options
    const headers = {
      ...this.#terms({ ...extra, ...this.#session }),
      ...preloadedRoute(proxy),
      Contact: `<sip:${contactUser}@localhost>`,
      Allow: ALLOW,
      ...own,
    }
    this.#owner.srf.createUAC(
      requestUri,
      { localSdp: sdp, headers, ...nextHop(this.#route) },
      {
        cbRequest: (error, request) => {
          if (!error && request) this.#on(() => this.#sent(request))
        },
        cbProvisional: (response) =>
          this.#on(() => this.#listener.onProvisional(provisionalIn(response))),
      },
      (error, dialog) => this.#on(() => this.#answered(error, dialog)),
    )
  }

  /** A SIP server that outlives us would refresh the session of a call that nobody is at: the far end is to do it. */
  #terms(headers: Headers): Headers {
    const { 'Session-Expires': expires } = headers
    if (this.#owner.outlivesUs !== true || expires === undefined || /refresher/.test(expires))
      return headers
    return { ...headers, 'Session-Expires': `${expires};refresher=uas` }
  }

  #sent(request: SrfRequest): void {
    this.#request = request
    if (this.#owner.outlivesUs === true) this.#listener.onTransaction?.(request.stackTxnId)
    // A challenge is between the servers: for the call it is the same INVITE.
    if (!this.#announced) this.#listener.onSent(request.get('Call-ID'))
    this.#announced = true
    if (this.#canceled) this.#sendCancel()
  }

  #answered(error: SrfError | null, dialog: SrfDialog | undefined): void {
    if (this.#settled) return
    if (dialog) {
      this.#settle()
      const { callId, leg } = this.#options
      const opens = leg === 'second' ? null : callId
      const { logger } = this.#owner
      const canceled = this.#canceled
      const origin = { acknowledged: true, canceled, digest: this.#digest, logger }
      const listener = this.#listener
      listener.onAnswered(this.#owner.adopt(opens, dialog, listener, origin))
      return
    }
    const request = this.#request
    const mayRepeat = this.#answersChallenge(error, request) || this.#lengthens(error)
    if (!request || !mayRepeat) this.#fail(failureOf(error))
    // The CANCEL crossed the challenge: nobody is to be rung any more.
    else if (this.#canceled)
      this.#fail({ status: 487, local: true, lost: false, detail: 'Canceled' })
    else this.#repeat(request)
  }

  /** RFC 3261 §22.2. */
  #answersChallenge(error: SrfError | null, request: SrfRequest | undefined): boolean {
    const response = error?.res
    if (!response || !request || !this.#accepts(error.status, response)) return false
    this.#route = this.#options.proxy ?? challengerRoute(request.uri, response)
    return true
  }

  /** RFC 4028 §7.4: the session is too short for somebody on the way, who says how long it must be. */
  #lengthens(error: SrfError | null): boolean {
    const seconds = Number(error?.res?.has('Min-SE') ? error.res.get('Min-SE') : Number.NaN)
    const isWanted = error?.status === 422 && seconds > 0 && seconds <= LONGEST_SESSION_SECONDS
    // Once only: a far end that goes on asking for longer sessions gets none.
    if (!isWanted || this.#session) return false
    const interval = String(seconds)
    const asked = this.#options.headers['Session-Expires'] ?? interval
    // Who is to refresh, if it says so, stays.
    this.#session = { 'Session-Expires': asked.replace(/^\d+/, interval), 'Min-SE': interval }
    // Whoever let our credentials pass may want others for the new request, and does not call the old ones stale.
    this.#exchange = this.#digest?.begin()
    return true
  }

  /** RFC 3261 §8.1.3.5: the same Call-ID and From, a higher CSeq. */
  #repeat(request: SrfRequest): void {
    this.#request = undefined
    const { uri, body } = request
    const credentials = this.#exchange?.headersFor({ method: 'INVITE', uri, body }) ?? []
    const cseq = Number.parseInt(request.get('CSeq'), 10) + 1
    this.#listener.onRepeated(cseq)
    this.#launch({
      ...repeatedHeaders(credentials),
      From: request.get('From'),
      'Call-ID': request.get('Call-ID'),
      CSeq: `${cseq} INVITE`,
    })
  }

  #accepts(status: number | undefined, response: SrfMessage): boolean {
    if (status === undefined || !this.#exchange) return false
    return this.#exchange.accept(status, challengesIn(status, response))
  }

  #fail(failure: InviteFailure): void {
    if (this.#settled) return
    this.#settle()
    this.#listener.onFailed(failure)
  }

  #settle(): void {
    this.#settled = true
    this.#owner.settled()
  }

  #sendCancel(): void {
    this.#request?.cancel({}, (error) => {
      if (error) this.#owner.logger.debug({ err: error }, 'CANCEL was too late')
    })
  }
}

const provisionalIn = (response: SrfResponse): Provisional => ({
  status: response.status,
  sdp: sdpIn(response),
  remoteTag: tagIn(response),
  sourceAddress: response.source_address ?? '',
})

/** Of the far end, in To; a display name may hold anything. */
function tagIn(response: SrfMessage): string {
  const to = response.get('To')
  return /;\s*tag\s*=\s*([^\s;,]+)/i.exec(to.slice(to.lastIndexOf('>') + 1))?.[1] ?? ''
}

function failureOf(error: SrfError | null): InviteFailure {
  const { status, res, reason } = error ?? {}
  if (status === undefined)
    return { status: 503, local: true, lost: false, detail: refusalDetail(error) }
  const source_address = res?.source_address ?? ''
  const phrase = reason === undefined ? {} : { reason }
  const detail = localDetail({ source_address, ...phrase })
  if (detail !== undefined) return { status, local: true, lost: false, detail }
  return {
    status,
    local: false,
    lost: false,
    ...redirectDetail(status),
    ...q850CauseIn(res),
    ...(status === 503 ? pauseIn(res) : {}),
  }
}

/** Wherever it points: a number we make ring is one that was admitted. */
const redirectDetail = (status: number): Pick<InviteFailure, 'detail'> =>
  status >= 300 && status < 400 ? { detail: 'Redirects Are Not Followed' } : {}

function q850CauseIn(response: SrfMessage | undefined): Pick<InviteFailure, 'q850Cause'> {
  const cause = response?.has('Reason') ? q850Cause(response.get('Reason')) : undefined
  return cause === undefined ? {} : { q850Cause: cause }
}

function pauseIn(response: SrfMessage | undefined): Pick<InviteFailure, 'retryAfterSeconds'> {
  const seconds = response?.has('Retry-After') ? secondsOf(response.get('Retry-After')) : undefined
  return seconds === undefined ? {} : { retryAfterSeconds: seconds }
}
