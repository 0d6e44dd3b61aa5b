// One conversation from the agent's side: the protocol's order, the scripted faults, and what is heard. How the agent
// talks is in agent-voice.ts.
import type { WebSocket } from 'ws'
import type { Clock } from '#core/time'
import type { AgentRefusal, CompleteAgentScript } from './agent-script.ts'
import { createAgentTools, type AgentTools } from './agent-tools.ts'
import { createAgentVoice, type AgentVoice } from './agent-voice.ts'
import { createCallerEar, type Heard } from './caller-ear.ts'
import { MALFORMED_MESSAGES } from './malformed-messages.ts'
import type { WritableSessionRecord } from './records.ts'
import { createTimers } from './timers.ts'

export interface AgentSessionOptions {
  readonly socket: WebSocket
  readonly clock: Clock
  readonly script: CompleteAgentScript
  readonly record: WritableSessionRecord
  /** Cuts the TCP connection with a reset. */
  readonly reset: () => void
}

export interface AgentSession {
  /** Ends it from the agent's side. */
  close(code: number, reason: string): void
}

export function startAgentSession(options: AgentSessionOptions): AgentSession {
  const session = new SimulatedSession(options)
  session.start()
  return session
}

type Fields = Readonly<Record<string, unknown>>

/** An agent that needs variables waits so long for the first message of a slow client. */
const INITIATION_WITHIN_MS = 1000

class SimulatedSession implements AgentSession {
  readonly #socket: WebSocket
  readonly #clock: Clock
  readonly #script: CompleteAgentScript
  readonly #record: WritableSessionRecord
  readonly #reset: () => void
  readonly #timers = createTimers()
  readonly #voice: AgentVoice
  readonly #tools: AgentTools
  readonly #ear: (wire: Buffer) => Heard
  readonly #pingsSentAt = new Map<number, number>()
  #lastPingMs: number | null = null
  #heardAt: number
  #frozen = false
  #admitted = false

  constructor(options: AgentSessionOptions) {
    this.#socket = options.socket
    this.#clock = options.clock
    this.#script = options.script
    this.#record = options.record
    this.#reset = options.reset
    this.#heardAt = options.clock.now()
    this.#voice = createAgentVoice({
      script: options.script,
      record: options.record,
      clock: options.clock,
      timers: this.#timers,
      send: (message) => this.#send(message),
      hangUp: () => this.close(1000, ''),
    })
    this.#ear = createCallerEar(options.script.inputFormat)
    this.#tools = createAgentTools({
      calls: options.script.tools,
      record: options.record,
      clock: options.clock,
      timers: this.#timers,
      tellsExpectsResponse: options.script.tellsExpectsResponse,
      nextId: () => this.#voice.nextId(),
      idOf: (id) => this.#voice.idOf(id),
      send: (message) => this.#send(message),
      say: (line) => this.#voice.say(line),
    })
  }

  start(): void {
    const script = this.#script
    this.#socket.on('message', (data, isBinary) =>
      this.#receive((data as Buffer).toString(), isBinary),
    )
    this.#socket.on('error', () => undefined) // 'close' follows and is recorded.
    this.#socket.once('close', (code) => this.#closed(code))
    if (script.dropAfterMs !== undefined) {
      this.#timers.after(script.dropAfterMs, () => this.#drop())
    }
    if (script.freezeAfterMs !== undefined) {
      this.#timers.after(script.freezeAfterMs, () => this.#freeze())
    }
    if (script.refuse?.how === 'quota') {
      this.close(script.quotaCode, QUOTA_EXCEEDED)
    } else if (script.refuse?.how === 'close' && script.refuse.afterMetadata !== true) {
      this.#refuse(script.refuse)
    } else if (script.metadataDelayMs !== null) {
      this.#timers.after(script.metadataDelayMs, () => this.#sendMetadata())
    }
  }

  close(code: number, reason: string): void {
    this.#timers.clear()
    this.#voice.stop()
    this.#record.closedBy ??= 'agent'
    this.#record.closedAt ??= this.#clock.now()
    this.#record.closeCode ??= code
    this.#socket.close(code, reason)
  }

  #refuse(refusal: Extract<AgentRefusal, { how: 'close' }>): void {
    this.close(refusal.code, refusal.reason)
  }

  #drop(): void {
    this.#timers.clear()
    this.#voice.stop()
    this.#record.closedBy = 'agent'
    this.#record.closedAt = this.#clock.now()
    this.#reset()
  }

  /** Half open: the connection stands, nobody is behind it. */
  #freeze(): void {
    this.#frozen = true
    this.#timers.clear()
    this.#voice.stop()
    this.#socket.pause()
  }

  #sendMetadata(): void {
    const script = this.#script
    this.#record.metadataAt = this.#clock.now()
    this.#send({
      type: 'conversation_initiation_metadata',
      conversation_initiation_metadata_event: {
        conversation_id: this.#record.conversationId,
        agent_output_audio_format: script.outputFormat,
        user_input_audio_format: script.inputFormat,
      },
    })
    if (script.requiredVariables.length === 0 || this.#record.initiation !== null) this.#admit()
    else this.#timers.after(INITIATION_WITHIN_MS, () => this.#admit())
  }

  #admit(): void {
    if (this.#admitted || this.#record.closedAt !== null) return
    this.#admitted = true
    const script = this.#script
    const objection = this.#objection()
    if (objection !== undefined) {
      this.#fail(1008, objection.errorType, objection.reason)
    } else if (script.refuse?.how === 'close') {
      this.#refuse(script.refuse)
    } else if (script.queue === undefined) {
      this.#begin()
    } else {
      this.#waitInQueue(script.queue)
    }
  }

  #begin(): void {
    const script = this.#script
    this.#heardAt = this.#clock.now()
    if (script.pingEveryMs !== null) {
      this.#ping()
      this.#timers.every(script.pingEveryMs, () => this.#ping())
    }
    for (const { afterMs, message } of script.says) {
      this.#timers.after(afterMs, () => this.#send(message))
    }
    for (const { afterMs, what } of script.malformed) {
      this.#timers.after(afterMs, () => this.#sendRaw(MALFORMED_MESSAGES[what]))
    }
    this.#tools.begin()
    const { dtmfRequest } = script
    if (dtmfRequest !== undefined) {
      this.#timers.after(dtmfRequest.afterMs, () => this.#requestDigits(dtmfRequest.digits))
    }
    if (script.maxDurationMs !== undefined) {
      this.#timers.after(script.maxDurationMs, () =>
        this.#fail(1000, 'max_duration_exceeded', 'Max conversation duration exceeded'),
      )
    }
    const { inputTimeoutMs } = script
    if (inputTimeoutMs !== null) {
      this.#timers.every(Math.min(1000, inputTimeoutMs), () => {
        if (this.#clock.now() - this.#heardAt < inputTimeoutMs) return
        this.#fail(1002, 'transport_receive_timeout', 'No user input received')
      })
    }
    this.#voice.begin(this.#firstMessageOverride())
  }

  #requestDigits(digits: string): void {
    const eventId = this.#voice.idOf(this.#voice.nextId())
    const type = 'dtmf_request'
    switch (this.#script.dtmfPayload) {
      case 'event':
        this.#send({ type, dtmf_request_event: { digits, event_id: eventId } })
        return
      case 'dtmf_tones':
        this.#send({ type, dtmf_request_event: { dtmf_tones: digits, event_id: eventId } })
        return
      case 'bare-wrapper':
        this.#send({ type, dtmf_request: { digits, event_id: eventId } })
        return
      case 'flat':
        this.#send({ type, digits, event_id: eventId })
    }
  }

  #waitInQueue(queue: {
    readonly waitMs: number
    readonly outcome: 'admitted' | 'timed_out'
  }): void {
    const tell = (status: string): void =>
      this.#send({ type: 'queue_status', queue_status_event: { status } })
    tell('waiting')
    this.#timers.after(queue.waitMs, () => {
      tell(queue.outcome)
      if (queue.outcome === 'admitted') this.#begin()
      else this.close(4300, 'Queue wait timed out')
    })
  }

  /** What the agent does not accept of the initiation data. */
  #objection(): { readonly errorType: string; readonly reason: string } | undefined {
    const variables = asFields(this.#record.initiation?.['dynamic_variables'])
    const missing = this.#script.requiredVariables.filter((name) => !(name in variables))
    if (missing.length > 0) {
      const names = missing.map((name) => `'${name}'`).join(', ')
      return {
        errorType: 'missing_dynamic_variable',
        reason: `Missing required dynamic variables in first message: {${names}}`,
      }
    }
    const allowed: readonly string[] = this.#script.allowedOverrides
    const refused = Object.keys(this.#agentOverride()).find((field) => !allowed.includes(field))
    if (refused === undefined) return undefined
    return {
      errorType: 'override_error',
      reason: `Override for field '${refused}' is not allowed by config.`,
    }
  }

  #agentOverride(): Fields {
    return asFields(asFields(this.#record.initiation?.['conversation_config_override'])['agent'])
  }

  #firstMessageOverride(): string | undefined {
    const text = this.#agentOverride()['first_message']
    return typeof text === 'string' ? text : undefined
  }

  #ping(): void {
    const eventId = this.#voice.nextId()
    this.#pingsSentAt.set(eventId, this.#clock.now())
    this.#record.pings += 1
    const { firstPing, pongTimeoutMs } = this.#script
    const knowsNothing = this.#lastPingMs === null && firstPing === 'absent'
    const time = knowsNothing ? {} : { ping_ms: this.#lastPingMs }
    this.#send({ type: 'ping', ping_event: { event_id: this.#voice.idOf(eventId), ...time } })
    if (pongTimeoutMs === null) return
    this.#timers.after(pongTimeoutMs, () => {
      if (this.#pingsSentAt.has(eventId)) this.close(1002, 'No pong received')
    })
  }

  #fail(code: number, errorType: string, reason: string): void {
    this.#send({
      type: 'error',
      error_event: { code, error_type: errorType, message: reason, reason },
    })
    this.close(code, reason)
  }

  #receive(text: string, isBinary: boolean): void {
    if (this.#frozen) return
    const message = isBinary ? undefined : parseObject(text)
    if (message === undefined) {
      this.#fail(1008, 'invalid_message', 'Invalid message received')
      return
    }
    const audio = message['user_audio_chunk']
    if (typeof audio === 'string') this.#hear(Buffer.from(audio, 'base64'))
    else this.#read(message)
  }

  #hear(wire: Buffer): void {
    const now = this.#clock.now()
    this.#heardAt = now
    const heard = this.#ear(wire)
    if (this.#script.keepCallerAudio) {
      this.#record.audioPieces.push(heard.ulaw)
      this.#record.wirePieces.push(wire)
      this.#record.callerFrames.push({ at: now, bytes: heard.ulawBytes })
    }
    if (this.#record.metadataAt !== null) this.#voice.hear(heard)
  }

  #read(message: Fields): void {
    const type = message['type']
    if (type === 'pong') {
      this.#pong(message['event_id'])
      return
    }
    this.#record.otherMessages.push(message)
    if (type === 'conversation_initiation_client_data') {
      this.#record.initiationAt ??= this.#clock.now()
      this.#record.initiation ??= message
      if (this.#record.metadataAt !== null) this.#admit()
    } else if (type === 'user_message' && typeof message['text'] === 'string') {
      this.#heardAt = this.#clock.now()
      this.#voice.read(message['text'])
    } else if (type === 'user_activity') {
      this.#heardAt = this.#clock.now()
    } else if (type === 'client_tool_result') {
      const { tool_call_id: id, result, is_error: isError } = message
      if (typeof result === 'string') this.#tools.receive(id, result, isError === true)
      else this.#fail(1008, 'value_error', 'result must be a string')
    } else if (!KNOWN_TYPES.has(String(type)) && this.#script.unknownMessages === 'close') {
      this.#fail(1008, 'invalid_message', 'Unknown message type')
    }
  }

  #pong(answered: unknown): void {
    const eventId = Number(answered)
    if (!Number.isInteger(eventId)) return
    const now = this.#clock.now()
    const sentAt = this.#pingsSentAt.get(eventId)
    if (sentAt !== undefined) this.#lastPingMs = Math.round(now - sentAt)
    this.#pingsSentAt.delete(eventId)
    this.#record.pongs.push({ at: now, eventId })
  }

  #send(message: unknown): void {
    this.#sendRaw(JSON.stringify(message))
  }

  #sendRaw(frame: string | Buffer): void {
    if (this.#frozen || this.#socket.readyState !== this.#socket.OPEN) return
    this.#socket.send(frame)
  }

  #closed(code: number): void {
    this.#timers.clear()
    this.#voice.stop()
    const lost = code === 1006
    this.#record.closedBy ??= lost ? 'lost' : 'client'
    this.#record.closeCode ??= lost ? null : code
    this.#record.closedAt ??= this.#clock.now()
  }
}

const QUOTA_EXCEEDED = 'This request exceeds your quota limit'

/** What a client may send besides audio and pongs. */
const KNOWN_TYPES: ReadonlySet<string> = new Set([
  'conversation_initiation_client_data',
  'client_tool_result',
  'contextual_update',
  'user_message',
  'user_activity',
  'feedback',
  'mcp_tool_approval_result',
  'multimodal_message',
])

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const asFields = (value: unknown): Fields => (isFields(value) ? value : {})

function parseObject(text: string): Fields | undefined {
  try {
    const parsed: unknown = JSON.parse(text)
    return isFields(parsed) ? parsed : undefined
  } catch {
    // Not JSON is an answer of its own: the caller closes with 1008.
    return undefined
  }
}
