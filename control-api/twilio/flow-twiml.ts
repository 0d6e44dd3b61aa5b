// A turn of the menu as TwiML, by Twilio's own builder. Every document ends in a verb after which nothing can follow:
// what happens when nobody presses a key is never left to chance.
import VoiceResponse from 'twilio/lib/twiml/VoiceResponse.js'
import type { FlowThen, FlowTurn, SpokenPart } from '#core/contracts'
import type { TwilioVoice } from './voices.ts'

export interface FlowTwimlParts {
  readonly voice: TwilioVoice
  /** Where the answer to this turn is posted: relative to our address, with whatever names the turn. */
  readonly actionFor: (turn: FlowTurn) => string
  /** Absent: nothing is recorded from this turn on that was not before. */
  readonly startRecording?: { readonly statusCallback: string }
  /** The agent, for a turn that ends with it; absent: such a turn hangs up. */
  readonly connectStream?: ConnectStream
  /** The human, for a turn that calls one; absent: the turn is answered at once, as by nobody picking up. */
  readonly dial?: DialHuman
}

export interface ConnectStream {
  /** `wss`, without a query: Twilio drops it. */
  readonly url: string
  /** What a query would say; name and value together under 500 characters. */
  readonly parameters: Readonly<Record<string, string>>
  /** Asked when we closed the stream; absent: the call is hung up then. */
  readonly action?: string
  readonly statusCallback?: string
}

export interface DialHuman {
  readonly callerId: string
  readonly timeoutSeconds: number
  /** Asked when nobody picked up, and when the talk is over. */
  readonly action: string
}

export function flowTwiml(turn: FlowTurn, parts: FlowTwimlParts): string {
  const response = new VoiceResponse()
  if (parts.startRecording && turn.mayRecord) record(response, parts.startRecording)
  switch (turn.then.kind) {
    case 'listen':
      listen(response, turn, turn.then, parts)
      break
    case 'hang-up':
      say(response, turn.say, parts.voice)
      response.hangup()
      break
    case 'agent':
      say(response, turn.say, parts.voice)
      connect(response, parts.connectStream)
      break
    case 'transfer':
      say(response, turn.say, parts.voice)
      dial(response, turn.then.to, parts.dial, parts.actionFor(turn))
      break
    default:
      turn.then satisfies never
  }
  return response.toString()
}

/** Both sides, apart; whether the account has this verb is told by its status callback. */
function record(
  response: VoiceResponse,
  { statusCallback }: { readonly statusCallback: string },
): void {
  response.start().recording({
    channels: 'dual',
    trim: 'do-not-trim',
    recordingStatusCallback: statusCallback,
    recordingStatusCallbackMethod: 'POST',
    recordingStatusCallbackEvent: ['in-progress', 'completed', 'absent'],
  })
}

function listen(
  response: VoiceResponse,
  turn: FlowTurn,
  then: Extract<FlowThen, { kind: 'listen' }>,
  { voice, actionFor }: FlowTwimlParts,
): void {
  const action = actionFor(turn)
  const gather = response.gather({
    input: ['dtmf'],
    numDigits: then.maxDigits,
    // Empty: # and * are keys like any other.
    finishOnKey: then.finishOnKey ?? '',
    timeout: Math.ceil(then.timeout / 1000),
    action,
    method: 'POST',
    // Silence is asked about again by us; without this Twilio would not ask us.
    actionOnEmptyResult: true,
  })
  say(gather, turn.say, voice)
  response.redirect({ method: 'POST' }, action)
}

function connect(response: VoiceResponse, stream: ConnectStream | undefined): void {
  if (stream) {
    const { url, parameters, action, statusCallback } = stream
    const connected = response
      .connect(action === undefined ? {} : { action, method: 'POST' })
      .stream({
        url,
        ...(statusCallback === undefined ? {} : { statusCallback, statusCallbackMethod: 'POST' }),
      })
    for (const [name, value] of Object.entries(parameters)) connected.parameter({ name, value })
  }
  if (stream?.action === undefined) response.hangup()
}

/** An hour, as of calls that come in: Twilio holds to it whatever becomes of us; its own limit is four. */
export const LONGEST_WITH_HUMAN_SECONDS = 3600

function dial(
  response: VoiceResponse,
  to: string,
  human: DialHuman | undefined,
  fallback: string,
): void {
  if (!human) {
    response.redirect({ method: 'POST' }, fallback)
    return
  }
  const { callerId, timeoutSeconds, action } = human
  response
    .dial({
      callerId,
      timeout: timeoutSeconds,
      timeLimit: LONGEST_WITH_HUMAN_SECONDS,
      action,
      method: 'POST',
      answerOnBridge: true,
    })
    .number(to)
}

/** A response, or what is said while keys are listened for. */
type Speaking = Pick<VoiceResponse, 'say'>

function say(speaking: Speaking, parts: readonly SpokenPart[], voice: TwilioVoice): void {
  for (const part of parts) {
    speaking.say({ ...voice }, part.kind === 'words' ? sayable(part.text) : oneByOne(part.digits))
  }
}

/** `4 7 1 1, 2 3 5`: read digit by digit by every voice, with a pause after two to four; not all know <say-as>. */
export function oneByOne(digits: string): string {
  const count = Math.ceil(digits.length / 4)
  const groups: string[] = []
  for (let index = 0; index < count; index++) {
    const from = Math.ceil((digits.length * index) / count)
    const to = Math.ceil((digits.length * (index + 1)) / count)
    groups.push(digits.slice(from, to).replaceAll(/(?<=.)(?=.)/gs, ' '))
  }
  return groups.join(', ')
}

/** Characters that XML 1.0 (§2.2) has no place for make a document of which Twilio reads nothing. */
const sayable = (text: string): string =>
  text.toWellFormed().replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, ' ')
