// What Twilio is told to do, as TwiML: turns of the menu, and the few documents beside it.
import VoiceResponse from 'twilio/lib/twiml/VoiceResponse.js'
import type { CallIdentity, E164, FlowTurn } from '#core/contracts'
import { languageOf } from '../ivr/language-of.ts'
import { promptCatalogue, type PromptPiece } from '../ivr/prompts/catalogue.ts'
import { flowTwiml, LONGEST_WITH_HUMAN_SECONDS, type ConnectStream } from './flow-twiml.ts'
import type { TwilioCall } from './twilio-call.ts'
import type { TwilioDesk } from './twilio-desk.ts'
import { voiceFor, type TwilioVoice } from './voices.ts'

/** How long a human's phone rings. */
export const DIAL_SECONDS = 30

/** Nothing more; whoever is asked about a call that is over says so. */
export const HANG_UP = ((): string => {
  const response = new VoiceResponse()
  response.hangup()
  return response.toString()
})()

/** Longer than an order of ours to Twilio takes, however often it is repeated. */
const WAIT_SECONDS = 20

/** Silence, until Twilio is told something else. */
export const WAIT = ((): string => {
  const response = new VoiceResponse()
  response.pause({ length: WAIT_SECONDS })
  response.hangup()
  return response.toString()
})()

/** Not picked up, and not paid for. */
export const BUSY = ((): string => {
  const response = new VoiceResponse()
  response.reject({ reason: 'busy' })
  return response.toString()
})()

type Speaker = Pick<TwilioDesk, 'ivr'>

/** The far end's number: whoever hears what is said. */
const listenerOf = ({ direction, from, to }: CallIdentity): string | null =>
  direction === 'inbound' ? from : to

export function voiceOf({ ivr }: Speaker, identity: CallIdentity, language: string): TwilioVoice {
  return voiceFor({ language, name: ivr?.voiceName, number: listenerOf(identity) })
}

/** Some words of ours, and the end. */
export function goodbye(speaker: Speaker, identity: CallIdentity, piece: PromptPiece): string {
  const number = listenerOf(identity)
  const language = languageOf(speaker.ivr?.languages ?? [], { number })
  const text = promptCatalogue.languages[language][piece]
  const turn: FlowTurn = {
    step: 'end',
    attempt: 1,
    language,
    say: [{ kind: 'words', text }],
    then: { kind: 'hang-up', reason: 'flow-ended' },
    mayRecord: false,
  }
  return flowTwiml(turn, {
    voice: voiceOf(speaker, identity, language),
    actionFor: () => '',
  })
}

/** The agent, at once. */
export function connectAgent(connectStream: ConnectStream): string {
  const turn: FlowTurn = {
    step: 'end',
    attempt: 1,
    language: 'de',
    say: [],
    then: { kind: 'agent', variables: {} },
    mayRecord: false,
  }
  const voice = voiceFor({ language: 'de' })
  return flowTwiml(turn, { voice, actionFor: () => '', connectStream })
}

/** Another phone rings, and the caller waits for it. */
export function dialHuman(to: E164, callerId: string, action: string): string {
  const response = new VoiceResponse()
  response
    .dial({
      callerId,
      timeout: DIAL_SECONDS,
      timeLimit: LONGEST_WITH_HUMAN_SECONDS,
      action,
      method: 'POST',
      answerOnBridge: true,
    })
    .number(to)
  return response.toString()
}

/** Whose signature covers what: the token says that this stream is of this call. */
export function streamTo(desk: TwilioDesk, call: TwilioCall, sid: string): ConnectStream {
  const { callId } = call.identity
  return {
    url: desk.urls.stream(),
    parameters: { call: callId, token: desk.tokens.mint(callId, sid) },
    action: desk.urls.status(callId, 'connect'),
    statusCallback: desk.urls.status(callId, 'stream'),
  }
}
