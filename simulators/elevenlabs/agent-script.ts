// What a simulated agent is and does: plain data, every field with a default that makes a good demonstration.
import { loadSpeech, SPEECH_TEXTS, toneUlaw, type SpeechName } from '#simulators/speech'
import type { MalformedMessage } from './malformed-messages.ts'
import type { PostCall } from './post-call.ts'

/** What the agent plays: a recording, a tone, or bytes of its own (µ-law, 8000 a second). */
export type AgentSound =
  | { readonly speech: SpeechName }
  | { readonly toneHz: number; readonly lengthMs: number; readonly levelDbm0?: number }
  | { readonly ulaw: Buffer }

export interface AgentLine {
  readonly sound: AgentSound
  /** What the transcript says; default: the recording's words. */
  readonly text?: string
}

export type AgentRefusal =
  | { readonly how: 'http'; readonly status: number }
  /** Nothing is left of what was paid for: closed with `quotaCode`. */
  | { readonly how: 'quota' }
  /** Accepted, then closed: at once, or only after the metadata. */
  | {
      readonly how: 'close'
      readonly code: number
      readonly reason: string
      readonly afterMetadata?: boolean
    }

/** A client tool that the agent asks for. */
export interface AgentToolCall {
  readonly name: string
  readonly parameters?: Readonly<Record<string, unknown>>
  /** Counted from the metadata. */
  readonly afterMs: number
  /** Default true: the agent waits for the answer. */
  readonly expectsResponse?: boolean
  /** How long it waits; then it says `onTimeout`. Default 20 000. */
  readonly timeoutMs?: number
  /** Said when the answer has come. */
  readonly onResult?: AgentLine
  readonly onTimeout?: AgentLine
}

export interface AgentScript {
  /** As announced, and as used on the wire; one the vendor does not know carries µ-law. Default `ulaw_8000` for both. */
  readonly inputFormat?: string
  readonly outputFormat?: string
  /** Upgrade to metadata; null: never. Default 40. */
  readonly metadataDelayMs?: number | null
  /** Spoken first; null: the agent waits for the caller. Default: the greeting. */
  readonly firstMessage?: AgentLine | null
  /** Metadata to the first audio. Default 150. */
  readonly slowFirstAudioMs?: number
  /**
   * `converse` (default) answers when the caller has spoken and fallen silent; `silent` only listens after the first
   * message; `echo` sends back what it hears, at once.
   */
  readonly mode?: 'converse' | 'silent' | 'echo'
  /** Used in turn, from the start again when they run out. */
  readonly replies?: readonly AgentLine[]
  /** End of turn to the first audio of the answer. Default 200. */
  readonly replyDelayMs?: number
  /** Silence that has to be received for a turn to end: a gap without audio ends nothing. Default 700. */
  readonly turnEndSilenceMs?: number
  /** How many times faster than real time an answer is sent; Infinity sends it at once. Default 10. */
  readonly burstSpeed?: number
  /** How long a chunk is. Default 100 to 1200; Infinity for both: an answer is one piece. */
  readonly chunkMs?: { readonly shortest: number; readonly longest: number }
  /** PCM chunks end inside a sample. Default false. */
  readonly oddChunks?: boolean
  /** Each chunk says when its letters are spoken, counted from its own beginning. Default false. */
  readonly alignment?: boolean
  /** An answer ends with an audio message that is final and holds none. Default false. */
  readonly emptyFinal?: boolean
  /** Each audio message says whether it is the last of its answer. Default false. */
  readonly tellsFinal?: boolean
  /** After an answer `agent_response_complete`, which the vendor means for text. Default false. */
  readonly responseComplete?: boolean
  /** What the caller and the agent say is counted together, with holes, or each by itself; or ids are text. Default `shared`. */
  readonly eventIds?: 'shared' | 'gaps' | 'by-party' | 'text'
  /** The caller's words come in parts before they are settled. Default false. */
  readonly tentativeTranscripts?: boolean
  /** After an interruption the agent says what it takes for heard. Default true. */
  readonly corrects?: boolean
  /** What it takes for that: what was heard if it was played as it was sent, or all that was sent. Default `playout`. */
  readonly correctionBasis?: 'playout' | 'sent'
  /** Default true: caller speech while the agent is heard interrupts it. */
  readonly interruptible?: boolean
  /** Words in text interrupt as speech does. Default true. */
  readonly userMessageInterrupts?: boolean
  /** Which id an interruption carries; the vendor's own clients have met all three. Default `interrupted`. */
  readonly interruptionId?: 'interrupted' | 'next' | 'same-as-reply'
  /** After an interruption one more chunk of the old answer comes. Default false. */
  readonly staleAudio?: boolean
  /** Default `after-audio`. */
  readonly responseOrder?: 'before-audio' | 'after-audio'
  /** The agent says goodbye, calls end_call and closes with 1000. Counted from the metadata. */
  readonly endAfterMs?: number
  readonly endAfterReplies?: number
  /** Null: hangs up without a word. */
  readonly goodbye?: AgentLine | null
  /** end_call to the close frame. Default 300. */
  readonly closeDelayMs?: number
  readonly maxDurationMs?: number
  readonly refuse?: AgentRefusal
  /** Default 1002. */
  readonly quotaCode?: 1002 | 1008
  /**
   * Only so many attempts of this agent fail, the first ones: by `refuse`, or without it by `dropAfterMs` and
   * `freezeAfterMs`. Default: all.
   */
  readonly failFirst?: number
  /** Upgrade to a TCP reset. */
  readonly dropAfterMs?: number
  /** Upgrade to a server that neither reads nor writes any more, its connection open. */
  readonly freezeAfterMs?: number
  /** Default 5000; null: never. */
  readonly pingEveryMs?: number | null
  /** The first ping, of which no time is known yet, says so or leaves it out. Default `null`. */
  readonly firstPing?: 'null' | 'absent'
  /** A ping without a pong for this long closes with 1002. Default null: never. */
  readonly pongTimeoutMs?: number | null
  /** Without caller audio for this long: error transport_receive_timeout and 1002. Default 60 000; null: never. */
  readonly inputTimeoutMs?: number | null
  /** Any other messages, sent as they are, counted from the metadata. */
  readonly says?: readonly { readonly afterMs: number; readonly message: unknown }[]
  /** What no vendor should send, counted from the metadata. */
  readonly malformed?: readonly { readonly afterMs: number; readonly what: MalformedMessage }[]
  readonly tools?: readonly AgentToolCall[]
  /** A tool call says whether an answer is expected. Default true. */
  readonly tellsExpectsResponse?: boolean
  /** Asks for keys to be sent to the far end. */
  readonly dtmfRequest?: { readonly afterMs: number; readonly digits: string }
  /** Where they stand in it: the vendor documents no payload. Default `event`. */
  readonly dtmfPayload?: 'event' | 'dtmf_tones' | 'bare-wrapper' | 'flat'
  readonly queue?: { readonly waitMs: number; readonly outcome: 'admitted' | 'timed_out' }
  /** A missing one closes with 1008 after the metadata, once the initiation has come or a second is over. */
  readonly requiredVariables?: readonly string[]
  /** Overrides the agent takes; any other closes with 1008. Default both. */
  readonly allowedOverrides?: readonly ('first_message' | 'language')[]
  /** What an unknown message type of the client does. Default `ignore`. */
  readonly unknownMessages?: 'ignore' | 'close'
  /** Needs a signed URL (or the key on the upgrade). Default: as soon as the simulator has a key. */
  readonly requiresKey?: boolean
  /** Answers of the signed-URL endpoint before it works, in order: an HTTP status each; or the one it always gives. */
  readonly signedUrlFailures?: readonly number[] | number
  /** What becomes of a conversation after its end. */
  readonly postCall?: PostCall
  /** Of GET /v1/convai/agents/{id}, in place of what this script comes to: whole parts, such as `conversation_config`. */
  readonly settings?: Readonly<Record<string, unknown>>
  /** Keeps what the caller said. Default true; off for long benches. */
  readonly keepCallerAudio?: boolean
}

/** Fields that mean something only when they are given. */
type WithoutDefault =
  | 'endAfterMs'
  | 'endAfterReplies'
  | 'maxDurationMs'
  | 'refuse'
  | 'failFirst'
  | 'dtmfRequest'
  | 'dropAfterMs'
  | 'freezeAfterMs'
  | 'queue'
  | 'requiresKey'

/** A script with its defaults. */
export type CompleteAgentScript = AgentScript & Required<Omit<AgentScript, WithoutDefault>>

export function completeScript(script: AgentScript): CompleteAgentScript {
  return { ...DEFAULTS, ...script }
}

/** The script of one attempt, the first being number 1. */
export function scriptOfAttempt(script: CompleteAgentScript, attempt: number): CompleteAgentScript {
  const { failFirst = Infinity, refuse, dropAfterMs, freezeAfterMs, ...works } = script
  if (attempt <= failFirst) return script
  if (refuse === undefined) return works
  return {
    ...works,
    ...(dropAfterMs === undefined ? {} : { dropAfterMs }),
    ...(freezeAfterMs === undefined ? {} : { freezeAfterMs }),
  }
}

const DEFAULTS: CompleteAgentScript = {
  inputFormat: 'ulaw_8000',
  outputFormat: 'ulaw_8000',
  metadataDelayMs: 40,
  firstMessage: { sound: { speech: 'agent-greeting' } },
  slowFirstAudioMs: 150,
  mode: 'converse',
  replies: [{ sound: { speech: 'agent-reply' } }],
  replyDelayMs: 200,
  turnEndSilenceMs: 700,
  burstSpeed: 10,
  chunkMs: { shortest: 100, longest: 1200 },
  oddChunks: false,
  alignment: false,
  emptyFinal: false,
  tellsFinal: false,
  responseComplete: false,
  eventIds: 'shared',
  tentativeTranscripts: false,
  corrects: true,
  correctionBasis: 'playout',
  interruptible: true,
  userMessageInterrupts: true,
  interruptionId: 'interrupted',
  staleAudio: false,
  responseOrder: 'after-audio',
  goodbye: { sound: { speech: 'agent-goodbye' } },
  closeDelayMs: 300,
  quotaCode: 1002,
  pingEveryMs: 5000,
  firstPing: 'null',
  pongTimeoutMs: null,
  inputTimeoutMs: 60_000,
  says: [],
  malformed: [],
  tools: [],
  tellsExpectsResponse: true,
  dtmfPayload: 'event',
  requiredVariables: [],
  allowedOverrides: ['first_message', 'language'],
  unknownMessages: 'ignore',
  signedUrlFailures: [],
  postCall: {},
  settings: {},
  keepCallerAudio: true,
}

export function soundBytes(sound: AgentSound): Buffer {
  if ('speech' in sound) return loadSpeech(sound.speech)
  if ('ulaw' in sound) return sound.ulaw
  return toneUlaw(sound.toneHz, sound.lengthMs, sound.levelDbm0)
}

export function lineText(line: AgentLine): string {
  if (line.text !== undefined) return line.text
  if ('speech' in line.sound) return SPEECH_TEXTS[line.sound.speech]
  return 'toneHz' in line.sound ? `(${line.sound.toneHz} Hz)` : '(sound)'
}
