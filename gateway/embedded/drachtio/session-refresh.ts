// Session timers on the wire (RFC 4028 §7, §9, §10). The application sees none of it: as with drachtio-server.
import { contactUri } from '../dialog/route-set.ts'
import { SessionTimer, type SessionTerms } from '../dialog/session-timer.ts'
import { parseParameters } from '../message/parameters.ts'
import type { SipHeaders } from '../message/sip-headers.ts'
import { hasToken, type SipResponse } from '../message/sip-message.ts'
import type { InboundResponse } from '../transaction/client-transaction.ts'
import { acknowledge, hangUp } from './hang-up.ts'
import { locationOf, RequestRoute, type Attempt } from './request-route.ts'
import type { AppDialog, SipStack } from './sip-stack.ts'

interface SessionExpires {
  readonly seconds: number
  readonly refresher: string | undefined
}

/** What we settle on as the side that is asked, and the headers that say so. */
export interface SessionAnswer {
  readonly terms: SessionTerms
  readonly headers: readonly (readonly [name: string, value: string])[]
}

/** A day: a longer interval finds no dead call, and no timer counts so far. */
const LONGEST_SECONDS = 86_400
/** Two requests of the same kind crossed: the callee of the dialog waits less (RFC 3261 §14.1). */
const GLARE_PAUSE_MS = 2_500
/** Gone on the other side (RFC 3261 §12.2.1.2). */
const DIALOG_IS_GONE: ReadonlySet<number> = new Set([408, 481])

export function readSessionExpires(headers: SipHeaders): SessionExpires | undefined {
  const [value = '', ...rest] = (headers.get('Session-Expires') ?? '').split(';')
  if (!/^\s*\d{1,9}\s*$/.test(value)) return undefined
  const refresher = parseParameters(rest.join(';'))?.get('refresher')?.toLowerCase()
  return { seconds: Math.min(Number(value), LONGEST_SECONDS), refresher }
}

/** Our side of an INVITE or UPDATE that asks for a session timer; `undefined` when it does not (§9). */
export function answerSessionExpires(
  request: SipHeaders,
  leastMs: number,
): SessionAnswer | undefined {
  const asked = readSessionExpires(request)
  // Too short, and from somebody who could not be told so by a 422: none then (§9).
  if (asked === undefined || asked.seconds * 1000 < leastMs) return undefined
  // A caller that does not know the extension, its proxy having asked, cannot be the one to refresh.
  const callerCan = knowsSessionTimers(request)
  const refresher = callerCan && asked.refresher !== 'uas' ? 'uac' : 'uas'
  const expires = ['Session-Expires', `${asked.seconds};refresher=${refresher}`] as const
  const require = ['Require', 'timer'] as const
  return {
    terms: { intervalMs: asked.seconds * 1000, refresher: refresher === 'uas' ? 'us' : 'them' },
    headers: refresher === 'uac' ? [expires, require] : [expires],
  }
}

/** Whoever requires an extension supports it. */
export const knowsSessionTimers = (headers: SipHeaders): boolean =>
  hasToken(headers, 'Supported', 'timer') || hasToken(headers, 'Require', 'timer')

/** What the 2xx to a request of ours settled; `undefined` when the other side wants no timer (§7.2). */
export function termsOfAnswer(response: SipHeaders, leastMs: number): SessionTerms | undefined {
  const settled = readSessionExpires(response)
  if (settled === undefined || settled.seconds === 0) return undefined
  return {
    // Below the least that RFC 4028 allows it would end calls that are well.
    intervalMs: Math.max(settled.seconds * 1000, leastMs),
    refresher: settled.refresher === 'uas' ? 'them' : 'us',
  }
}

/** Each INVITE and UPDATE that succeeds starts the interval anew; one that names none ends the timer. */
export function startSessionTimer(
  stack: SipStack,
  dialog: AppDialog,
  terms: SessionTerms | undefined,
): void {
  if (terms === undefined || dialog.isHungUp || dialog.isEnding) {
    dialog.sessionTimer?.stop()
    return
  }
  dialog.sessionTimer ??= new SessionTimer({
    refresh: () => refresh(stack, dialog),
    expired: () => {
      stack.counters.add('sessionsExpired')
      hangUp(stack, dialog, 'Session timer expired')
    },
  })
  dialog.sessionTimer.start(terms)
}

function refresh(stack: SipStack, dialog: AppDialog): void {
  const isBusy =
    stack.inboundLegs.inviteOf(dialog) !== undefined ||
    stack.outboundInvites.byDialogId(dialog.init.id) !== undefined
  if (isBusy) dialog.sessionTimer?.retryAfter(GLARE_PAUSE_MS)
  else new SessionRefresh(stack, dialog).start()
}

/** One refresh: an UPDATE without a description where the other side takes it, else a re-INVITE with the one in force. */
class SessionRefresh {
  readonly #stack: SipStack
  readonly #dialog: AppDialog
  readonly #route: RequestRoute
  readonly #method: 'UPDATE' | 'INVITE'
  #isOpen = false

  constructor(stack: SipStack, dialog: AppDialog) {
    this.#stack = stack
    this.#dialog = dialog
    this.#method = dialog.takesUpdate || dialog.localSdp.length === 0 ? 'UPDATE' : 'INVITE'
    const request = dialog.buildRequest({ method: this.#method, ...this.#content() })
    this.#route = new RequestRoute(stack, request, dialog.init.transport, this)
  }

  start(): void {
    this.#isOpen = true
    this.#dialog.isReinviting = this.#method === 'INVITE'
    this.#route.start(locationOf(this.#stack, this.#dialog))
  }

  attempt({ request, destination }: Attempt): void {
    const { transactions } = this.#stack
    const options = { request, destination, user: this }
    if (this.#method === 'INVITE') transactions.startInvite(options)
    else transactions.startNonInvite(options)
  }

  onResponse({ response, cseq }: InboundResponse): void {
    if (response.status < 200) return
    if (this.#method === 'INVITE' && response.status < 300)
      acknowledge(this.#stack, this.#dialog, cseq.seq)
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#dialog.isReinviting = false
    if (!this.#isOver) this.#settle(response)
  }

  onFailure(): void {
    if (!this.#route.failed()) this.exhausted()
  }

  exhausted(): void {
    this.#isOpen = false
    this.#dialog.isReinviting = false
    this.#end()
  }

  /** The dialog ended while the refresh was under way. */
  get #isOver(): boolean {
    const { dialogs } = this.#stack
    return dialogs.byId(this.#dialog.init.id) !== this.#dialog || this.#dialog.isHungUp
  }

  #settle({ status, headers }: SipResponse): void {
    const { sessionTimer } = this.#dialog
    if (status < 300) {
      this.#dialog.remoteTarget = contactUri(headers) ?? this.#dialog.remoteTarget
      const { minSessionMs } = this.#stack.config.timers
      startSessionTimer(this.#stack, this.#dialog, termsOfAnswer(headers, minSessionMs))
      return
    }
    if (DIALOG_IS_GONE.has(status)) {
      this.#end()
      return
    }
    sessionTimer?.retryAfter(this.#pauseAfter(status, headers))
  }

  /** How long after a refusal to try again; each of the first two ways is taken once. */
  #pauseAfter(status: number, headers: SipHeaders): number {
    const { sessionTimer } = this.#dialog
    const isUpdate = this.#method === 'UPDATE'
    if ((status === 405 || status === 501) && isUpdate && this.#dialog.localSdp.length > 0) {
      this.#dialog.takesUpdate = false
      return 0
    }
    const least = Number(headers.get('Min-SE') ?? 0) * 1000
    if (status === 422 && sessionTimer?.lengthen(least) === true) return 0
    if (status === 491) return GLARE_PAUSE_MS
    // Asking the same again at once gets the same; the expiry stands.
    return Math.max(GLARE_PAUSE_MS, (sessionTimer?.intervalMs ?? 0) / 8)
  }

  #end(): void {
    if (!this.#isOver) hangUp(this.#stack, this.#dialog, 'Session refresh failed')
  }

  #content(): { extra: (readonly [string, string])[]; body?: Buffer } {
    const { localContact, localSdp, sessionTimer } = this.#dialog
    const seconds = Math.round((sessionTimer?.intervalMs ?? 0) / 1000)
    const extra: (readonly [string, string])[] = [
      ['Contact', localContact],
      ['Supported', 'timer'],
      ['Session-Expires', `${seconds};refresher=uac`],
    ]
    if (this.#method === 'UPDATE') return { extra }
    extra.push(['Content-Type', 'application/sdp'])
    return { extra, body: localSdp }
  }
}
