// What one simulated VoxEngine session is given, what can be done to it while it lives, and what it leaves
// behind. The REST side of the simulator and the tests meet the engine here alone.

/** What a phone does when it is called, or when it calls. */
export interface PhoneScript {
  readonly answer: 'yes' | 'no-answer' | 'busy' | 'declined' | 'invalid' | 'voicemail'
  /** How long it rings before the answer or the refusal. Default 200. */
  readonly ringMs?: number | undefined
  /** The network plays sound before the answer (183): AudioStarted comes while it rings. */
  readonly earlyMedia?: boolean | undefined
  /** Hangs up so long after the answer. Default: stays until it is hung up. */
  readonly talkMs?: number | undefined
  /** Keys pressed one after another once the line is answered. */
  readonly digits?: string | undefined
  /** When the first key is pressed after the answer. Default 1500. */
  readonly digitsAfterMs?: number | undefined
  /** Hangs up while the scenario is opening its agent. */
  readonly hangUpWhileOpening?: boolean | undefined
  /** An inbound caller who gives up so long after calling, before an answer. */
  readonly givesUpAfterMs?: number | undefined
}

export type AmdResult = 'human' | 'voicemail' | 'timeout' | 'error' | 'silent'

/** Faults that the platform itself shows. Faults of a webhook are made by `reach` or by the server. */
export interface SessionFaults {
  readonly agentRefused?: boolean | undefined
  /** How long createAgentsClient takes before it resolves or rejects. */
  readonly agentOpensAfterMs?: number | undefined
  readonly agentNeverOpens?: boolean | undefined
  /** The agent closes the conversation by itself, with 1000, so long after it opened. */
  readonly agentClosesAfterMs?: number | undefined
  readonly recordError?: boolean | undefined
  readonly recordStoppedNever?: boolean | undefined
  /** Default: 'voicemail' for a phone whose answer is 'voicemail', else 'human'. */
  readonly amd?: AmdResult | undefined
  /** Connected is told twice, as after a re-INVITE that went wrong. */
  readonly connectedTwice?: boolean | undefined
  /** Hanging up by the scenario comes to nothing, and no event tells of it. */
  readonly hangUpIgnored?: boolean | undefined
  /** `call.say` never reports PlaybackFinished. */
  readonly sayNeverFinishes?: boolean | undefined
  /** The stub agent asks for a client tool right after it opened. */
  readonly agentCallsTool?: boolean | undefined
  /** The stub agent says that it was interrupted. */
  readonly agentInterrupted?: boolean | undefined
  /** The vendor's typings do not say how hmac_sha256 writes its result. Default 'hex'. */
  readonly hmacEncoding?: 'hex' | 'base64' | undefined
}

export interface SessionPlan {
  readonly script: string
  /** Also the `call_session_history_id`. */
  readonly sessionId: number
  readonly accountId: number
  readonly applicationId: number
  readonly ruleName: string
  readonly customData: string
  readonly secrets: ReadonlyMap<string, string>
  /** Set: an inbound call starts the session. */
  readonly incoming?:
    | { readonly from: string; readonly to: string; readonly phone: PhoneScript }
    | undefined
  readonly phones: (number: string) => PhoneScript
  /** Where the agent's WebSocket is, without a query. Absent: a built-in stub agent. */
  readonly agentWsUrl?: string | undefined
  readonly accessUrl: string
  readonly recordUrl: (recordId: number) => string
  /** 1 is real time; smaller is faster. */
  readonly pace: number
  /** Rewrites the address of every HTTP request that the scenario makes. */
  readonly reach: (url: string) => string
  readonly newId: () => number
  /** What a callback of the scenario may take, of the clock on the wall. Default: the vendor's 1000. */
  readonly callbackMs?: number | undefined
  readonly faults?: SessionFaults | undefined
}

export interface SessionHttpRequest {
  readonly method: string
  readonly path: string
  readonly content: string
  readonly headers: readonly { readonly key: string; readonly value: string }[]
}

/** One opening of the agent, as the vendor would bill it. */
export interface AgentOpening {
  readonly at: number
  /** The state of every call of the session when the agent was asked for. */
  readonly callStates: readonly CallState[]
  readonly agentId: string
  readonly privacy: boolean
  readonly includeConversationId: boolean
  /** What the scenario sent it, in order. */
  readonly messages: readonly AgentMessage[]
  /** How often the scenario had the agent's buffered speech thrown away. */
  readonly clears: number
  readonly closedAt: number | null
}

export interface AgentMessage {
  readonly type: string
  readonly data: Readonly<Record<string, unknown>>
  /** Whether call and agent heard each other already. */
  readonly isJoined: boolean
}

export type CallState = 'alerting' | 'ringing' | 'connected' | 'ended'

export interface RunningSession {
  readonly log: readonly string[]
  readonly over: Promise<SessionResult>
  readonly openings: readonly AgentOpening[]
  /** Something POSTed to the access URL: AppEvents.HttpRequest. */
  httpRequest(request: SessionHttpRequest): void
  /** Ends the session as the platform would, e.g. 'Terminated administratively'. */
  terminate(reason: string): void
}

export interface SessionCall {
  readonly startTime: number
  readonly durationSeconds: number
  readonly localNumber: string
  readonly remoteNumber: string
  readonly incoming: boolean
  readonly successful: boolean
  readonly endReason: string
  readonly cost: number
}

export interface SessionRecord {
  readonly recordId: number
  readonly startTime: number
  readonly durationSeconds: number
  readonly cost: number
}

export interface SessionResource {
  readonly type: string
  readonly cost: number
  readonly at: number
}

export interface SessionResult {
  /** Epoch milliseconds, as all times here. */
  readonly startedAt: number
  readonly durationSeconds: number
  readonly finishReason: string
  readonly calls: readonly SessionCall[]
  readonly records: readonly SessionRecord[]
  readonly resources: readonly SessionResource[]
  /** How many HTTP requests the scenario made. */
  readonly httpRequests: number
  /** As the scenario set it last, or as the session was started with. */
  readonly customData: string
}
