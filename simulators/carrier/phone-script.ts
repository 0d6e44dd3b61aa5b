// What a phone does in a call, as data: steps played in order, and habits that hold for the whole call.
import type { NetworkHabit } from './bad-network.ts'
import type { HostPort } from './sip-address.ts'
import type { Sound } from './sound.ts'
import type { PhoneCodec } from './telephone-codec.ts'
import type { KeyTiming } from './telephone-event.ts'

/** Each step is one object with one telling key; times are in milliseconds. */
export type PhoneStep =
  /** Nothing is sent for that long. */
  | { readonly wait: number }
  /** 180 Ringing, then that long. */
  | { readonly ring: number }
  /** 183 with SDP, then the sound; resolves when it has been played. */
  | { readonly earlyMedia: Sound }
  /** 200 OK with SDP; the phone sends RTP from here on. */
  | { readonly answer: true }
  /** A final failure; the script ends. */
  | { readonly reject: number; readonly reason?: string; readonly retryAfter?: number }
  /** Never a final response until CANCEL comes. */
  | { readonly neverAnswer: true }
  | { readonly say: Sound }
  /** Silence is sent, everything is recorded. */
  | { readonly listen: number }
  /** Waits until a voice was heard, and then so much of silence; `maxMs` (10 s) ends the wait. */
  | { readonly hearUntilQuiet: number; readonly maxMs?: number }
  /** Waits for the other end's BYE, or for `carrier.hangUp`; then hangs up itself. */
  | { readonly untilHangUp: number }
  /** BYE; before the answer CANCEL (the phone that calls) or 480 (the phone that is called). */
  | { readonly hangUp: true }
  /** Presses keys, as telephone events in RTP (RFC 4733); each is held for 160 ms and followed by a pause of 100. */
  | ({ readonly press: string } & KeyTiming)
  /** Presses one key, told by SIP INFO; default `dtmf-relay`. */
  | { readonly pressInfo: string; readonly as?: 'dtmf-relay' | 'dtmf' }
  /** Re-INVITE: the other side is to listen only, or neither side is to send. */
  | { readonly hold: 'sendonly' | 'inactive' }
  /** Re-INVITE: both talk again. */
  | { readonly resume: true }
  /** Re-INVITE that offers these instead. */
  | { readonly changeCodecs: readonly PhoneCodec[] }
  /** The phone that calls takes its INVITE back. */
  | { readonly cancel: true }
  /** From here on nothing is sent and nothing is answered, neither SIP nor RTP. */
  | { readonly vanish: true }
  | PhoneHabit

/** Habits hold from the beginning of the call, wherever they stand in the script. */
export type PhoneHabit =
  /** A BYE gets no response. */
  | { readonly ignoreBye: true }
  /** The 200 OK of the called side is never acknowledged. */
  | { readonly noAck: true }
  /** The ACK goes out that much after the first 200 OK. */
  | { readonly ackAfterMs: number }
  /** A CANCEL is crossed by a 200 OK to the INVITE, which may come so much later than the 200 to the CANCEL. */
  | { readonly answerOnCancel: true; readonly afterMs?: number }
  /** No 100 Trying. */
  | { readonly noTrying: true }
  /** What the phone speaks, in order of preference. Default PCMU alone. */
  | { readonly codecs: readonly PhoneCodec[] }
  /** Sound in each packet. Default 20. */
  | { readonly packetMs: 10 | 20 | 30 | 60 }
  /** The SDP names this address; RTP comes from, and is taken at, another. */
  | { readonly nat: HostPort }
  /** Silence is told by one packet of comfort noise (RFC 3389) where that was agreed on, and not sent. */
  | { readonly dtx: true }
  /** The phone's clock is fast by so many millionths. */
  | { readonly clockSkewPpm: number }
  /** What becomes of RTP on its way. */
  | { readonly network: NetworkHabit }
  | { readonly noTelephoneEvents: true }
  | { readonly noRtcp: true }

export type PhoneScript = readonly PhoneStep[]

export interface PhoneHabits {
  readonly ignoresBye: boolean
  readonly ackAfterMs: number
  readonly acknowledges: boolean
  /** Null: a CANCEL is obeyed. */
  readonly answersCancelAfterMs: number | null
  readonly sendsTrying: boolean
  readonly codecs: readonly PhoneCodec[]
  readonly packetMs: number
  readonly nat: HostPort | undefined
  readonly dtx: boolean
  readonly clockSkewPpm: number
  readonly network: NetworkHabit
  readonly telephoneEvents: boolean
  readonly rtcp: boolean
}

export function habitsOf(script: PhoneScript): PhoneHabits {
  const has = (key: string): boolean => script.some((step) => key in step)
  return {
    ignoresBye: has('ignoreBye'),
    ackAfterMs: script.find((step) => 'ackAfterMs' in step)?.ackAfterMs ?? 0,
    acknowledges: !has('noAck'),
    answersCancelAfterMs: has('answerOnCancel')
      ? (script.find((step) => 'answerOnCancel' in step)?.afterMs ?? 0)
      : null,
    sendsTrying: !has('noTrying'),
    codecs: script.find((step) => 'codecs' in step)?.codecs ?? ['PCMU'],
    packetMs: script.find((step) => 'packetMs' in step)?.packetMs ?? 20,
    nat: script.find((step) => 'nat' in step)?.nat,
    dtx: has('dtx'),
    clockSkewPpm: script.find((step) => 'clockSkewPpm' in step)?.clockSkewPpm ?? 0,
    network: script.find((step) => 'network' in step)?.network ?? {},
    telephoneEvents: !has('noTelephoneEvents'),
    rtcp: !has('noRtcp'),
  }
}
