// The names of VoxEngine that the scenario uses, and no more: our own declaration, written from the vendor's reference
// (voximplant.com/docs/references/voxengine, read autumn 2026).

declare enum Modules {
  AI = 'ai',
  ElevenLabs = 'elevenlabs',
}
declare function require(module: Modules): void

declare function setTimeout(callback: () => unknown, ms: number): number
declare function clearTimeout(timer: number): void

declare namespace Logger {
  /** At most 15 000 characters; kept for a month. */
  function write(message: string): void
}

declare namespace Crypto {
  /** How the result is written is not documented; hexadecimal digits are expected. */
  function hmac_sha256(key: string, data: string): string
}

declare namespace Net {
  interface HttpRequestOptions {
    method?: string
    postData?: string
    headers?: Record<string, string>
    /** Seconds; at most 90. */
    timeout?: number
    /** Seconds; at most 6. */
    connectionTimeout?: number
  }
  interface HttpRequestResult {
    /** The HTTP status; 0 for a violated limit, below it for a network fault. */
    code: number
    text?: string
  }
  /** Throws beyond 35 requests a session; resolves for every status. */
  function httpRequestAsync(url: string, options?: HttpRequestOptions): Promise<HttpRequestResult>
}

declare enum AppEvents {
  Started = 'Application.Started',
  CallAlerting = 'Application.CallAlerting',
  HttpRequest = 'Application.HttpRequest',
  Terminating = 'Application.Terminating',
  Terminated = 'Application.Terminated',
}
interface _StartedEvent {
  accessURL: string
  accessSecureURL: string
  /** Also the `call_session_history_id`. */
  sessionId: number
}
interface _CallAlertingEvent {
  call: Call
  callerid: string
  destination: string
}
interface _HttpRequestEvent {
  method: string
  path: string
  content: string
  headers: { key: string; value: string }[]
}
interface _AppEvents {
  [AppEvents.Started]: _StartedEvent
  [AppEvents.CallAlerting]: _CallAlertingEvent
  [AppEvents.HttpRequest]: _HttpRequestEvent
  [AppEvents.Terminating]: object
  [AppEvents.Terminated]: object
}

declare enum CallEvents {
  Ringing = 'Call.Ringing',
  AudioStarted = 'Call.AudioStarted',
  Connected = 'Call.Connected',
  Disconnected = 'Call.Disconnected',
  Failed = 'Call.Failed',
  PlaybackFinished = 'Call.PlaybackFinished',
  RecordStarted = 'Call.RecordStarted',
  RecordStopped = 'Call.RecordStopped',
  RecordError = 'Call.RecordError',
  ToneReceived = 'Call.ToneReceived',
}
interface _CallEvent {
  call: Call
  name: string
  id: string
}
interface _DisconnectedEvent extends _CallEvent {
  internalCode: number
  reason: string
  /** Seconds. */
  duration: number
  /** Of this leg, in the account's currency. */
  cost: number
}
interface _FailedEvent extends _CallEvent {
  code: number
  reason: string
}
interface _PlaybackFinishedEvent extends _CallEvent {
  error?: string
}
interface _RecordStartedEvent extends _CallEvent {
  url: string
}
interface _RecordStoppedEvent extends _CallEvent {
  url: string
  cost: string
  duration: number
}
interface _RecordErrorEvent extends _CallEvent {
  error: string
}
interface _ToneReceivedEvent extends _CallEvent {
  tone: string
}
interface _CallEvents {
  [CallEvents.Ringing]: _CallEvent
  [CallEvents.AudioStarted]: _CallEvent
  [CallEvents.Connected]: _CallEvent
  [CallEvents.Disconnected]: _DisconnectedEvent
  [CallEvents.Failed]: _FailedEvent
  [CallEvents.PlaybackFinished]: _PlaybackFinishedEvent
  [CallEvents.RecordStarted]: _RecordStartedEvent
  [CallEvents.RecordStopped]: _RecordStoppedEvent
  [CallEvents.RecordError]: _RecordErrorEvent
  [CallEvents.ToneReceived]: _ToneReceivedEvent
}

interface Voice {
  /** Voices are told apart by their names in the list alone. */
  readonly _voice?: never
}
declare const VoiceList: Record<string, Record<string, Voice | undefined> | undefined>

interface CallSayParameters {
  voice?: Voice
}
interface CallRecordParameters {
  stereo?: boolean
  hd_audio?: boolean
}
interface CallPSTNParameters {
  amd?: AMD.AnsweringMachineDetector
}
declare class Call {
  answer(): void
  hangup(): void
  reject(code: number): void
  handleTones(doHandle: boolean): void
  record(parameters: CallRecordParameters): void
  /** PlaybackFinished follows, but not after stopPlayback. */
  say(text: string, parameters?: CallSayParameters): void
  stopPlayback(): void
  addEventListener<T extends keyof _CallEvents>(
    event: T,
    callback: (event: _CallEvents[T]) => unknown,
  ): void
  removeEventListener<T extends keyof _CallEvents>(
    event: T,
    callback?: (event: _CallEvents[T]) => unknown,
  ): void
}

declare namespace VoxEngine {
  function addEventListener<T extends keyof _AppEvents>(
    event: T,
    callback: (event: _AppEvents[T]) => unknown,
  ): void
  function callPSTN(number: string, callerid: string, parameters?: CallPSTNParameters): Call
  /** At most 200 bytes; what is set goes into the history of the call. */
  function customData(data?: string): string
  /** Newer than the published typings (28.0.0). */
  function getSecretValue(name: string): string | undefined
  function sendMediaBetween(one: Call, other: ElevenLabs.AgentsClient): void
  /** What is written after it still runs. */
  function terminate(): void
}

/** There after `require(Modules.AI)`. */
declare namespace AMD {
  enum ResultClass {
    VOICEMAIL = 'VOICEMAIL',
    HUMAN = 'HUMAN',
    TIMEOUT = 'TIMEOUT',
    CALL_ENDED = 'CALL_ENDED',
  }
  enum Events {
    DetectionComplete = 'AMD.Events.DetectionComplete',
    DetectionError = 'AMD.Events.DetectionError',
  }
  interface _Events {
    [Events.DetectionComplete]: { resultClass: ResultClass }
    [Events.DetectionError]: { message: string }
  }
  const Model: Record<VoicegateMachineModel, string>
  class AnsweringMachineDetector {
    addEventListener<T extends keyof _Events>(
      event: T,
      callback: (event: _Events[T]) => unknown,
    ): void
  }
  /** The timeout in milliseconds counts from the answer: 6500 unless given, at most 20 000. */
  function create(parameters: { model: string; timeout?: number }): AnsweringMachineDetector
}

/** There after `require(Modules.ElevenLabs)`. */
declare namespace ElevenLabs {
  enum AgentsEvents {
    ConversationInitiationMetadata = 'ElevenLabs.Agents.ConversationInitiationMetadata',
    Interruption = 'ElevenLabs.Agents.Interruption',
    ClientToolCall = 'ElevenLabs.Agents.ClientToolCall',
  }
  enum Events {
    WebSocketMediaStarted = 'ElevenLabs.Events.WebSocketMediaStarted',
  }
  interface _AgentsEvent {
    client: AgentsClient
    name?: string
    /** The agent's own message. */
    data?: { payload?: unknown }
  }
  interface AgentsClientParameters {
    xiApiKey: string
    agentId: string
    includeConversationId?: boolean
    /** Newer than the published typings (28.0.0): nothing of the conversation goes to the platform's log. */
    privacy?: boolean
    onWebSocketClose?: (event: { code: number; reason: string; wasClean: boolean }) => void
  }
  class AgentsClient {
    close(): void
    clearMediaBuffer(): void
    conversationInitiationClientData(parameters: object): void
    clientToolResult(parameters: object): void
    addEventListener(event: AgentsEvents | Events, callback: (event: _AgentsEvent) => unknown): void
  }
  function createAgentsClient(parameters: AgentsClientParameters): Promise<AgentsClient>
}

// ---- Of the scenario itself ----

type VoicegateMachineModel =
  | 'BR'
  | 'CL'
  | 'CO'
  | 'KZ'
  | 'MX'
  | 'RU'
  | 'PH'
  | 'PE'
  | 'US'
  | 'EU_GENERAL'

interface VoicegateSettings {
  applicationId: string
  baseUrl: string
  agentId: string
  callerId: string | null
  language: string
  recording: 'off' | 'announced' | 'consent'
  texts: { announcement: string; question: string; thanks: string; refused: string }
  voice: string | null
  answeringMachine: { model: VoicegateMachineModel } | null
  maxDurationSeconds: number
  ringTimeoutSeconds: number
  dynamicVariables: Record<string, string | number | boolean>
}

interface CallPlan {
  agentId: string
  dynamicVariables: Record<string, unknown>
  configOverride: object | null
  ringTimeoutSeconds: number
  maxDurationSeconds: number
  answeringMachine: 'off' | 'detect' | 'gate'
}

interface End {
  outcome: 'answered' | 'busy' | 'no-answer' | 'declined' | 'canceled' | 'machine' | 'failed'
  by: 'caller' | 'callee' | 'agent' | 'api' | 'scenario' | 'carrier'
  code: number | null
  reason: string
  duration_seconds: number | null
  cost: number | null
  record_cost: number | null
}

interface Leaving {
  /** What the call was if it had been answered, and if not. */
  answered: End['outcome']
  unanswered: End['outcome']
  by: End['by']
  reason: string
}
