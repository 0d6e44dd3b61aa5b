// What the carrier owed: the first response to an INVITE, and the far end's audio.
import type { CallEvent } from '#core/contracts'
import { spoken, type Heard, type Silence, type Stretch } from './silence.ts'
import { allOf, firstOf, type EventOf, type Talk } from './talk.ts'

/** Shorter is nothing anybody would call a silence. */
export const LEAST_SILENCE_MS = 1000
/** From here on the far end is taken for lost: `media.stalled` is told once more. */
const STALL_TOLD_AGAIN_MS = 30_000

/** Before the answer: one an INVITE, as with each trunk that is tried there is a new one. Ringing is no silence. */
export function beforeAnswer(events: readonly CallEvent[]): readonly Silence[] {
  const invites = allOf(events, 'sip.invite')
  return invites.flatMap((invite, index) => {
    const response = responseTo(events, invite, invites[index + 1]?.at)
    if (response === undefined || response.at - invite.at <= LEAST_SILENCE_MS) return []
    const isTrying = events.some(
      (event) => isTryingOf(event) && event.at >= invite.at && event.at <= response.at,
    )
    return [{ from: invite.at, to: response.at, ...whyNothing(invite, response, isTrying) }]
  })
}

function whyNothing(
  invite: EventOf<'sip.invite'>,
  response: Response,
  isTrying: boolean,
): Omit<Silence, keyof Stretch> {
  const waited = spoken(response.at - invite.at)
  if (invite.data.direction === 'inbound')
    return { reason: 'setup-delay', detail: `The caller waited ${waited} for our first response.` }
  const nothing = isTrying ? 'nothing but 100 Trying' : 'nothing'
  return isOfCarrier(response)
    ? {
        reason: 'post-dial-delay',
        detail: `The carrier said ${nothing} for ${waited} after the INVITE.`,
      }
    : {
        reason: 'no-response',
        detail: `The carrier said ${nothing} for ${waited}, and then the attempt was over.`,
      }
}

/** Not an end of our own making. */
const isOfCarrier = (response: Response): boolean =>
  response.type === 'sip.failed'
    ? response.data.local !== true
    : response.type === 'sip.provisional' || response.type === 'sip.answered'

const isTryingOf = (event: CallEvent): boolean =>
  event.type === 'sip.provisional' && event.data.sipStatus === 100

type Response = EventOf<
  'sip.provisional' | 'sip.answered' | 'sip.failed' | 'sip.cancel' | 'call.ended'
>
const RESPONSES: ReadonlySet<CallEvent['type']> = new Set<Response['type']>([
  'sip.provisional',
  'sip.answered',
  'sip.failed',
  'sip.cancel',
  'call.ended',
])

/** 100 Trying says only that a hop has the INVITE (RFC 3261 §21.1.1). */
const responseTo = (
  events: readonly CallEvent[],
  { at }: EventOf<'sip.invite'>,
  before = Number.POSITIVE_INFINITY,
): Response | undefined =>
  events.find(
    (event): event is Response =>
      RESPONSES.has(event.type) && !isTryingOf(event) && event.at >= at && event.at <= before,
  )

/** After the answer: no RTP of the far end. */
export function carrierTrouble(
  events: readonly CallEvent[],
  talk: Talk,
  heard: Heard,
): readonly Silence[] {
  return [...lateAudio(events, talk), ...stalls(events, talk, heard)]
}

function lateAudio(events: readonly CallEvent[], talk: Talk): Silence[] {
  const first = firstOf(events, 'media.first_packet_in')
  const reason = 'no-audio-yet'
  if (first !== undefined) {
    if (first.at - talk.from <= LEAST_SILENCE_MS) return []
    const detail = `The far end's first audio came ${spoken(first.at - talk.from)} after its answer.`
    return [{ from: talk.from, to: first.at, reason, detail }]
  }
  const packets = firstOf(events, 'media.summary')?.data.received.packets
  // A talk of which nobody told whether audio came may be one that no media session of ours carried.
  if (packets !== 0) return []
  return [{ ...talk, reason, detail: 'No audio of the far end ever came.' }]
}

/**
 * Told at 5 s and again at 30; that audio is back nobody tells. So it lasts until the caller is heard of again, and no
 * longer than the second telling would have come at.
 */
function stalls(events: readonly CallEvent[], talk: Talk, { caller }: Heard): Silence[] {
  return allOf(events, 'media.stalled').map(({ at, data }) => {
    const from = at - data.silentMs
    const limit =
      data.silentMs >= STALL_TOLD_AGAIN_MS ? Number.POSITIVE_INFINITY : from + STALL_TOLD_AGAIN_MS
    const sign = events.find((event) => event.at > at && SIGNS.has(event.type))?.at
    const voice = caller.find((one) => one.to > at)?.from
    const until = Math.max(at, Math.min(sign ?? limit, voice ?? limit))
    const to = Math.min(talk.to, limit, until)
    const detail = `No audio came from the far end for at least ${spoken(data.silentMs)}.`
    return { from, to, reason: 'audio-stalled', detail }
  })
}

/** The caller is there again. */
const SIGNS: ReadonlySet<CallEvent['type']> = new Set<CallEvent['type']>([
  'agent.interrupted',
  'dtmf',
  'media.first_packet_in',
])
