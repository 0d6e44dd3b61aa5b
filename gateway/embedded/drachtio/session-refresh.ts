// Session timers on the wire (RFC 4028 §7, §9, §10). The application sees none of it: as with drachtio-server.
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

/** Two requests of the same kind crossed: the callee of the dialog waits less (RFC 3261 §14.1). */
const GLARE_PAUSE_MS = 2_500
/** Gone on the other side (RFC 3261 §12.2.1.2). */
const DIALOG_IS_GONE: ReadonlySet<number> = new Set([408, 481])

export function readSessionExpires(headers: SipHeaders): SessionExpires | undefined {
  const [value = '', ...rest] = (headers.get('Session-Expires') ?? '').split(';')
  if (!/^\s*\d{1,9}\s*$/.test(value)) return undefined
  const refresher = parseParameters(rest.join(';'))?.get('refresher')?.toLowerCase()
  return { seconds: Number(value), refresher }
}

/** Our side of an INVITE or UPDATE that asks for a session timer; `undefined` when it does not (§9). */
export function answerSessionExpires(request: SipHeaders): SessionAnswer | undefined {
  const asked = readSessionExpires(request)
  if (asked === undefined) return undefined
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
export function termsOfAnswer(response: SipHeaders): SessionTerms | undefined {
  const settled = readSessionExpires(response)
  if (settled === undefined || settled.seconds === 0) return undefined
  return {
    intervalMs: settled.seconds * 1000,
    refresher: settled.refresher === 'uas' ? 'them' : 'us',
  }
}

/** Each INVITE and UPDATE that succeeds starts the interval anew; one that names none ends the timer. */
export function startSessionTimer(
  stack: SipStack,
  dialog: AppDialog,
  terms: SessionTerms | undefined,
): void {
  if (terms === undefined) {
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

  constructor(stack: SipStack, dialog: AppDialog) {
    this.#stack = stack
    this.#dialog = dialog
    this.#method = dialog.takesUpdate || dialog.localSdp.length === 0 ? 'UPDATE' : 'INVITE'
    const request = dialog.buildRequest({ method: this.#method, ...this.#content() })
    this.#route = new RequestRoute(stack, request, dialog.init.transport, this)
  }

  start(): void {
    this.#dialog.isRefreshing = true
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
    if (this.#dialog.isRefreshing) this.#settle(response)
  }

  onFailure(): void {
    if (!this.#route.failed()) this.exhausted()
  }

  exhausted(): void {
    this.#dialog.isRefreshing = false
    this.#end('Session refresh failed')
  }

  #settle({ status, headers }: SipResponse): void {
    this.#dialog.isRefreshing = false
    if (status < 300) {
      const terms = termsOfAnswer(headers)
      if (terms !== undefined) startSessionTimer(this.#stack, this.#dialog, terms)
      else this.#dialog.sessionTimer?.stop()
    } else if (DIALOG_IS_GONE.has(status)) this.#end('Session refresh failed')
    else this.#dialog.sessionTimer?.retryAfter(GLARE_PAUSE_MS)
  }

  #end(why: string): void {
    if (this.#stack.dialogs.byId(this.#dialog.init.id) !== this.#dialog) return
    this.#dialog.sessionTimer?.stop()
    hangUp(this.#stack, this.#dialog, why)
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
