// An INVITE from the network behind our InboundInvite.
import DrachtioSrf from 'drachtio-srf'
import { ms, type CallId, type DialogIdentity } from '#core/contracts'
import { AppError } from '#core/errors'
import { waitFor } from '#core/lifecycle'
import { ALLOW } from './allowed-methods.ts'
import type { DigestRequest } from './digest/digest-credentials.ts'
import type { Logger } from '#core/telemetry'
import type { DialogOrigin, DrachtioDialog } from './drachtio-dialog.ts'
import { identityToBe } from './drachtio-identity.ts'
import type { Srf, SrfDialog, SrfError, SrfReceivedRequest, SrfResponse } from './drachtio-types.ts'
import { extraHeadersIn } from './extra-headers.ts'
import { repeatedHeaders } from './repeated-headers.ts'
import { readSessionBody, type SessionBody } from './session-body.ts'
import type { DialogListener, InboundAnswer, InboundInvite, SipDialog } from './sip-port.ts'

/** The SIP server says at once what it sent; one that is gone never does. */
const TAG_WITHIN = ms(500)

/** What the invite needs of its SIP port. */
export interface InviteOwner {
  readonly srf: Srf
  readonly logger: Logger
  /** What the SIP server says of certificates is its own word, not the caller's. */
  readonly trustsTlsNames: boolean
  adopt(
    callId: CallId,
    dialog: SrfDialog,
    listener: DialogListener,
    origin: DialogOrigin,
  ): DrachtioDialog
}

export class DrachtioInboundInvite implements InboundInvite {
  readonly sipCallId: string
  readonly fromUser: string | null
  readonly toUser: string
  readonly sdp: string
  readonly sourceAddress: string
  readonly protocol: string
  readonly tlsNames: readonly string[]
  readonly extraHeaders: Readonly<Record<string, string>>
  readonly hasContact: boolean
  readonly request: DigestRequest
  readonly authorization: string
  readonly #body: SessionBody
  readonly #request: SrfReceivedRequest
  readonly #response: SrfResponse
  readonly #owner: InviteOwner
  /** As the server wrote it into our 180. */
  #localTag: Promise<string | undefined> = Promise.resolve(undefined)
  #settled = false
  #answering = false
  #canceled = false
  #onCanceled = (): void => undefined

  constructor(request: SrfReceivedRequest, response: SrfResponse, owner: InviteOwner) {
    this.#request = request
    this.#response = response
    this.#owner = owner
    this.sipCallId = request.get('Call-ID')
    this.fromUser = callerOf(request)
    this.toUser = userOf(request.uri)
    this.#body = readSessionBody(request)
    this.sdp = this.#body.kind === 'sdp' ? this.#body.sdp : ''
    this.sourceAddress = request.source_address ?? ''
    this.protocol = request.protocol ?? ''
    this.tlsNames = owner.trustsTlsNames ? tlsNamesOf(request) : []
    this.extraHeaders = extraHeadersIn(request.msg.headers)
    this.hasContact = request.has('Contact')
    this.request = { method: 'INVITE', uri: request.uri, body: request.body }
    this.authorization = request.has('Authorization') ? request.get('Authorization') : ''
    request.on('cancel', () => this.#cancel())
  }

  get isAnswering(): boolean {
    return this.#answering
  }

  onCanceled(listener: () => void): void {
    this.#onCanceled = listener
  }

  ring(): void {
    if (this.#settled || this.#answering) return
    const tag = Promise.withResolvers<string | undefined>()
    this.#localTag = tag.promise
    // The server numbers it, and repeats it until the PRACK (RFC 3262 §3).
    const headers = requiresReliability(this.#request) ? { Require: '100rel' } : {}
    this.#response.send(180, { headers }, (_error, sent) =>
      tag.resolve(sent?.getParsedHeader('To').params['tag']),
    )
  }

  async dialogToBe(): Promise<DialogIdentity | undefined> {
    // The call matters more than what a crash might leave of it.
    const localTag = await waitFor(this.#localTag, { name: 'our tag', timeout: TAG_WITHIN }).catch(
      () => undefined,
    )
    return localTag === undefined ? undefined : identityToBe(this.#request, localTag)
  }

  refuse(
    status: number,
    { retryAfterSeconds }: { readonly retryAfterSeconds?: number } = {},
  ): boolean {
    const headers: Record<string, string> =
      retryAfterSeconds === undefined ? {} : { 'Retry-After': String(retryAfterSeconds) }
    return this.#refuse(status, headers)
  }

  /** True when its body is not understood and the INVITE therefore refused. */
  refuseBody(): boolean {
    return this.#body.kind === 'not-understood' && this.#refuse(415, this.#body.headers)
  }

  challenge(challenges: readonly string[]): boolean {
    return this.#refuse(
      401,
      repeatedHeaders(challenges.map((value) => ['WWW-Authenticate', value])),
    )
  }

  #refuse(status: number, headers: Readonly<Record<string, string>>): boolean {
    if (this.#settled || this.#answering) return false
    this.#settled = true
    this.#response.send(status, { headers })
    return true
  }

  answer({ callId, sdp }: InboundAnswer, listener: DialogListener): Promise<SipDialog> {
    const tooLate = (cause: unknown): AppError =>
      new AppError('SIP_UNAVAILABLE', 'the 200 OK could not be sent', { cause })
    if (this.#settled) return Promise.reject(tooLate('the INVITE is settled'))
    this.#answering = true
    const options = { localSdp: sdp, headers: { Allow: ALLOW } }
    return new Promise((resolve, reject) => {
      this.#owner.srf.createUAS(this.#request, this.#response, options, (error, dialog) => {
        this.#answering = false
        const logger = this.#owner.logger.child({ callId })
        const origin = { acknowledged: false, canceled: false, digest: undefined, logger }
        if (dialog && !this.#canceled) {
          this.#settled = true
          resolve(this.#owner.adopt(callId, dialog, listener, origin))
          return
        }
        if (isCanceled(error)) this.#cancel()
        this.#settled = true
        reject(tooLate(error))
      })
    })
  }

  #cancel(): void {
    if (this.#settled) return
    this.#settled = true
    this.#canceled = true
    this.#onCanceled()
  }
}

/** The CANCEL was faster than our 200 OK: the server answered 487 already and knows the transaction no more. */
const isCanceled = (error: SrfError | null): boolean =>
  error?.status === 487 ||
  /unknown transaction/i.test(typeof error === 'string' ? error : (error?.message ?? ''))

const requiresReliability = (request: SrfReceivedRequest): boolean =>
  request.has('Require') && /(?:^|,)\s*100rel\s*(?:,|$)/i.test(request.get('Require'))

/** Written by the embedded server, after it took off whatever the network sent under this name. */
const TLS_NAME_HEADER = 'X-Voicegate-Tls-Name'

const tlsNamesOf = (request: SrfReceivedRequest): string[] =>
  request.has(TLS_NAME_HEADER) ? request.get(TLS_NAME_HEADER).split(', ') : []

/** The user of a SIP URI, the number of a tel URI; empty when there is none. */
function userOf(uri: string): string {
  const parsed: unknown = DrachtioSrf.parseUri(uri)
  if (typeof parsed !== 'object' || parsed === null) return ''
  const user = 'user' in parsed && parsed.user !== undefined ? parsed.user : numberOf(parsed)
  return typeof user === 'string' ? user : ''
}

const numberOf = (parsed: object): unknown => ('number' in parsed ? parsed.number : '')

/** RFC 3323 §4.1: an anonymous caller is anonymous@anonymous.invalid. */
function callerOf(request: SrfReceivedRequest): string | null {
  const { uri } = request.getParsedHeader('From')
  const user = userOf(uri)
  return user === '' || user.toLowerCase() === 'anonymous' ? null : user
}
