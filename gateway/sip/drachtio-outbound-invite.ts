// An INVITE on its way: the CANCEL that may come at any time, and the repetition with credentials when challenged.
import type { CallId } from '#core/contracts'
import type { Logger } from '#core/telemetry'
import { ALLOW } from './allowed-methods.ts'
import { challengerRoute } from './digest/challenger-route.ts'
import {
  createDigestClient,
  type DigestClient,
  type DigestExchange,
} from './digest/digest-client.ts'
import type { DialogOrigin, DrachtioDialog } from './drachtio-dialog.ts'
import { challengesIn } from './drachtio-challenges.ts'
import type { Srf, SrfDialog, SrfError, SrfMessage, SrfRequest } from './drachtio-types.ts'
import { guarded } from './guarded.ts'
import { localDetail, refusalDetail } from './local-failure.ts'
import { nextHop, preloadedRoute } from './outbound-proxy.ts'
import { repeatedHeaders } from './repeated-headers.ts'
import type {
  DialogListener,
  InviteFailure,
  OutboundInvite,
  OutboundInviteHandle,
  OutboundInviteListener,
} from './sip-port.ts'

/** An hour is the most anybody sets; a longer one would never find a dead call. */
const LONGEST_SESSION_SECONDS = 7200

/** What the invite needs of its SIP port. */
export interface OutboundOwner {
  readonly srf: Srf
  readonly logger: Logger
  adopt(
    callId: CallId,
    dialog: SrfDialog,
    listener: DialogListener,
    origin: DialogOrigin,
  ): DrachtioDialog
  /** Nothing more will come of it. */
  settled(): void
}

/** In what one sending of the INVITE differs from the others. */
interface Sending {
  readonly headers: Readonly<Record<string, string>>
  /** The next hop, when that is not the Request-URI. */
  readonly proxy: string | undefined
}

export class DrachtioOutboundInvite implements OutboundInviteHandle {
  readonly #owner: OutboundOwner
  readonly #options: OutboundInvite
  readonly #listener: OutboundInviteListener
  readonly #digest: DigestClient | undefined
  readonly #exchange: DigestExchange | undefined
  /** The one that is under way: nothing can be canceled before the SIP server has confirmed that it left. */
  #request: SrfRequest | undefined
  #announced = false
  #canceled = false
  #settled = false
  /** Once only: a far end that goes on asking for longer sessions gets none. */
  #lengthened = false

  constructor(owner: OutboundOwner, options: OutboundInvite, listener: OutboundInviteListener) {
    this.#owner = owner
    this.#options = options
    this.#listener = listener
    this.#digest = options.credentials && createDigestClient(options.credentials)
    this.#exchange = this.#digest?.begin()
  }

  send(): void {
    const { from, proxy } = this.#options
    this.#launch({ headers: { From: from }, proxy })
  }

  cancel(): void {
    if (this.#canceled) return
    this.#canceled = true
    if (this.#request) this.#sendCancel()
  }

  /** The connection to the SIP server broke. */
  lose(): void {
    this.#on(() => this.#fail({ status: 503, local: true, lost: true }))
  }

  #on(act: () => void): void {
    guarded(this.#listener, this.#owner.logger, act)
  }

  #launch({ headers, proxy }: Sending): void {
    const { requestUri, sdp, contactUser, headers: extra } = this.#options
    const common = {
      ...extra,
      ...preloadedRoute(this.#options.proxy),
      Contact: `<sip:${contactUser}@localhost>`,
      Allow: ALLOW,
    }
    this.#owner.srf.createUAC(
      requestUri,
      { localSdp: sdp, headers: { ...common, ...headers }, ...nextHop(proxy) },
      {
        cbRequest: (error, request) => {
          if (!error && request) this.#on(() => this.#sent(request))
        },
        cbProvisional: ({ status, body }) =>
          this.#on(() => this.#listener.onProvisional(status, body)),
      },
      (error, dialog) => this.#on(() => this.#answered(error, dialog)),
    )
  }

  #sent(request: SrfRequest): void {
    this.#request = request
    // A challenge is between the servers: for the call it is the same INVITE.
    if (!this.#announced) this.#listener.onSent(request.get('Call-ID'))
    this.#announced = true
    if (this.#canceled) this.#sendCancel()
  }

  #answered(error: SrfError | null, dialog: SrfDialog | undefined): void {
    if (this.#settled) return
    if (dialog) {
      this.#settle()
      const { callId } = this.#options
      const origin = { acknowledged: true, canceled: this.#canceled, digest: this.#digest }
      const listener = this.#listener
      listener.onAnswered(this.#owner.adopt(callId, dialog, listener, origin))
      return
    }
    const repetition = this.#repetitionAfter(error) ?? this.#lengthenedAfter(error)
    // The CANCEL crossed the challenge: nobody is to be rung any more.
    if (repetition && this.#canceled) this.#fail({ status: 487, local: true, lost: false })
    else if (repetition) {
      this.#request = undefined
      this.#launch(repetition)
    } else this.#fail(failureOf(error))
  }

  /** RFC 4028 §7.4: the session is too short for somebody on the way, who says how long it must be. */
  #lengthenedAfter(error: SrfError | null): Sending | undefined {
    const seconds = Number(error?.res?.has('Min-SE') ? error.res.get('Min-SE') : Number.NaN)
    const request = this.#request
    const isWanted = error?.status === 422 && seconds > 0 && seconds <= LONGEST_SESSION_SECONDS
    if (!isWanted || !request || this.#lengthened) return undefined
    this.#lengthened = true
    const interval = String(seconds)
    return this.#again(request, { 'Session-Expires': interval, 'Min-SE': interval })
  }

  /** RFC 3261 §22.2, §8.1.3.5: the same Call-ID and From, a higher CSeq. */
  #repetitionAfter(error: SrfError | null): Sending | undefined {
    const response = error?.res
    const request = this.#request
    if (!response || !request || !this.#accepts(error.status, response)) return undefined
    const { uri, body } = request
    const credentials = this.#exchange?.headersFor({ method: 'INVITE', uri, body }) ?? []
    const { headers } = this.#again(request, repeatedHeaders(credentials))
    return { headers, proxy: this.#options.proxy ?? challengerRoute(uri, response) }
  }

  /** The same call, tried once more. */
  #again(request: SrfRequest, changed: Readonly<Record<string, string>>): Sending {
    const headers = {
      From: request.get('From'),
      'Call-ID': request.get('Call-ID'),
      CSeq: `${Number.parseInt(request.get('CSeq'), 10) + 1} INVITE`,
      ...changed,
    }
    return { headers, proxy: this.#options.proxy }
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

function failureOf(error: SrfError | null): InviteFailure {
  const { status, res, reason } = error ?? {}
  if (status === undefined)
    return { status: 503, local: true, lost: false, detail: refusalDetail(error) }
  const source_address = res?.source_address ?? ''
  const phrase = reason === undefined ? {} : { reason }
  const detail = localDetail({ source_address, ...phrase })
  if (detail === undefined) return { status, local: false, lost: false }
  return { status, local: true, lost: false, detail }
}
