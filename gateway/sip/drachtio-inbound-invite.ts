// An INVITE from the network behind our InboundInvite.
import DrachtioSrf from 'drachtio-srf'
import type { CallId } from '#core/contracts'
import { AppError } from '#core/errors'
import type { DialogOrigin, DrachtioDialog } from './drachtio-dialog.ts'
import type { Srf, SrfDialog, SrfRequest, SrfResponse } from './drachtio-types.ts'
import type { DialogListener, InboundInvite, SipDialog } from './sip-port.ts'

/** What the invite needs of its SIP port. */
export interface InviteOwner {
  readonly srf: Srf
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
  readonly hasContact: boolean
  readonly #request: SrfRequest
  readonly #response: SrfResponse
  readonly #owner: InviteOwner
  #settled = false
  #canceled = false
  #onCanceled = (): void => undefined

  constructor(request: SrfRequest, response: SrfResponse, owner: InviteOwner) {
    this.#request = request
    this.#response = response
    this.#owner = owner
    this.sipCallId = request.get('Call-ID')
    this.fromUser = callerOf(request)
    this.toUser = userOf(request.uri)
    this.sdp = request.body
    this.sourceAddress = request.source_address ?? ''
    this.hasContact = request.has('Contact')
    request.on('cancel', () => {
      if (this.#settled) return
      this.#settled = true
      this.#canceled = true
      this.#onCanceled()
    })
  }

  get settled(): boolean {
    return this.#settled
  }

  onCanceled(listener: () => void): void {
    this.#onCanceled = listener
  }

  ring(): void {
    if (!this.#settled) this.#response.send(180)
  }

  refuse(
    status: number,
    { retryAfterSeconds }: { readonly retryAfterSeconds?: number } = {},
  ): void {
    if (this.#settled) return
    this.#settled = true
    const headers: Record<string, string> =
      retryAfterSeconds === undefined ? {} : { 'Retry-After': String(retryAfterSeconds) }
    this.#response.send(status, { headers })
  }

  answer(callId: CallId, sdp: string, listener: DialogListener): Promise<SipDialog> {
    return new Promise((resolve, reject) => {
      if (this.#settled) {
        reject(new AppError('SIP_UNAVAILABLE', 'the INVITE was settled before the answer'))
        return
      }
      this.#owner.srf.createUAS(
        this.#request,
        this.#response,
        { localSdp: sdp },
        (error, dialog) => {
          this.#settled = true
          const origin = { acknowledged: false, canceled: false }
          if (dialog && !this.#canceled)
            resolve(this.#owner.adopt(callId, dialog, listener, origin))
          else
            reject(
              new AppError('SIP_UNAVAILABLE', 'the 200 OK could not be sent', { cause: error }),
            )
        },
      )
    })
  }
}

function userOf(uri: string): string {
  const parsed: unknown = DrachtioSrf.parseUri(uri)
  const user = typeof parsed === 'object' && parsed !== null && 'user' in parsed ? parsed.user : ''
  return typeof user === 'string' ? user : ''
}

/** RFC 3323 §4.1: an anonymous caller is anonymous@anonymous.invalid. */
function callerOf(request: SrfRequest): string | null {
  const { uri } = request.getParsedHeader('From')
  const user = userOf(uri)
  return user === '' || user.toLowerCase() === 'anonymous' ? null : user
}
