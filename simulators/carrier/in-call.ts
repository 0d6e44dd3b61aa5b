// What a phone can do in a call that is up: press keys, hold, change the codec (RFC 4733, RFC 6086, RFC 3261 §14).
import type { Dialog } from './dialog.ts'
import type { MediaChange, MediaDescription } from './media-description.ts'
import type { RtpPhone } from './rtp-phone.ts'
import type { RequestDraft, SipEndpoint } from './sip-endpoint.ts'
import { cseqOf, type HeaderLine, type SipResponse } from './sip-message.ts'
import type { KeyTiming } from './telephone-event.ts'

export interface InCallDeps {
  readonly endpoint: SipEndpoint
  readonly rtp: RtpPhone
  readonly description: MediaDescription
  /** Undefined before the call is up, and once it has ended or vanished. */
  readonly dialog: () => Dialog | undefined
  readonly contact: HeaderLine
  readonly complain: (complaint: string) => void
  /** Ends every wait. */
  readonly signal: AbortSignal
}

export interface InCall {
  press(keys: string, timing: KeyTiming): Promise<void>
  pressInfo(key: string, as: 'dtmf-relay' | 'dtmf'): Promise<void>
  /** Resolves with the answer, whatever it is. */
  renegotiate(change: MediaChange): Promise<void>
}

/** In units of 1 ms, as the phones of this trade write it. */
const INFO_TONE = 160

export function createInCall(deps: InCallDeps): InCall {
  const { endpoint, rtp, description, complain } = deps

  /** The final response to a request in the dialog; undefined when none came. */
  function ask(
    draft: RequestDraft,
    onSuccess: (response: SipResponse) => void,
  ): Promise<SipResponse | undefined> {
    return new Promise((resolve) => {
      deps.signal.addEventListener('abort', () => resolve(undefined), { once: true })
      endpoint.request(draft, {
        onResponse: (response) => {
          if (response.status < 200) return
          if (response.status < 300) onSuccess(response)
          else complain(`${draft.method} in the call was answered ${response.status}`)
          resolve(response)
        },
        onTimeout: () => {
          complain(`no response to ${draft.method} in the call`)
          resolve(undefined)
        },
      })
    })
  }

  return {
    press: (keys, timing) => rtp.press(keys, timing),
    async pressInfo(key, as) {
      const draft = deps.dialog()?.request('INFO')
      if (!draft) return
      const body = as === 'dtmf' ? key : `Signal=${key}\r\nDuration=${INFO_TONE}\r\n`
      const type: HeaderLine = ['Content-Type', `application/${as}`]
      await ask({ ...draft, headers: [...draft.headers, type], body }, () => undefined)
    },
    async renegotiate(change) {
      const dialog = deps.dialog()
      if (!dialog) return
      description.change(change)
      const draft = dialog.request('INVITE')
      const type: HeaderLine = ['Content-Type', 'application/sdp']
      const headers: HeaderLine[] = [...draft.headers, deps.contact, type]
      let acknowledge: (() => void) | undefined
      await ask({ ...draft, headers, body: description.toSdp() }, (answer) => {
        if (acknowledge) {
          acknowledge() // The 200 came again: our ACK was lost.
          return
        }
        acknowledge = endpoint.acknowledge(dialog.ack(cseqOf(answer).number))
        description.follow(answer.body, 'answer')
      })
    },
  }
}

/** The key that an INFO tells; undefined when it tells none. */
export function keyOfInfo(contentType: string, body: Buffer): string | undefined {
  const text = body.toString('utf8')
  if (/^application\/dtmf-relay/i.test(contentType))
    return /^\s*Signal\s*=\s*(\S)/im.exec(text)?.[1]
  return /^application\/dtmf/i.test(contentType) ? /^\s*(\S)/.exec(text)?.[1] : undefined
}
