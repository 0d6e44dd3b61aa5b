// The simulated vendor: one HTTP server on loopback that answers REST and upgrades to the agent socket, and writes
// down every connection it accepts, upgraded or not.
import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { WebSocketServer, type WebSocket } from 'ws'
import { ms } from '#core/contracts'
import { AppError } from '#core/errors'
import { waitUntil } from '#core/lifecycle'
import { createClock, type Clock } from '#core/time'
import { admit, refuseByHttp } from './admission.ts'
import { completeScript, type AgentScript, type CompleteAgentScript } from './agent-script.ts'
import { startAgentSession, type AgentSession } from './agent-session.ts'
import {
  createSessionRecord,
  type AgentSessionRecord,
  type ConnectionRecord,
  type SignedUrlRequest,
  type SpokenRequest,
  type WebhookRecord,
} from './records.ts'
import { POST_CALL_DEFAULTS, type CompletePostCall } from './post-call.ts'
import { handleRest } from './rest.ts'
import { createSignedUrls } from './signed-urls.ts'
import { handleSpeaking, isSpeaking, type SpeakingOptions } from './text-to-speech.ts'
import { createTimers } from './timers.ts'
import { sendPostCall, type WebhookTarget } from './webhook-sender.ts'

export interface ElevenLabsOptions {
  /** Default 127.0.0.1; nothing but loopback makes sense. */
  readonly host?: string
  /** Default 0: any free one. */
  readonly port?: number
  /** When given, REST wants it, and agents are private unless their script says otherwise. */
  readonly apiKey?: string
  /** Default: one of its own. */
  readonly clock?: Clock
  /** Only agents with a script exist. Default false: any id answers, with the default script. */
  readonly onlyScripted?: boolean
  /** What an agent without a script of its own does. */
  readonly defaultScript?: AgentScript
  /** How agents that may not be reached are refused: the vendor has been seen doing both. Default `http`. */
  readonly refusalStyle?: 'http' | 'close'
  /** Of those refused by close. Default: 3000 for an agent that does not exist, else 1008. */
  readonly refusalCode?: 1002 | 1008 | 3000
  /** Whether the key on the upgrade request opens an agent that is private. Default `accepted`. */
  readonly upgradeKey?: 'accepted' | 'ignored'
  /** What `branch_id` on the socket's URL does. Default `ignored`. */
  readonly branchOnSocket?: 'ignored' | 'refused'
  /** A signed URL made with `include_conversation_id` also tells the id. Default false. */
  readonly conversationIdInUrl?: boolean
  /** Of the audio of a conversation, until there is one. Default 404. */
  readonly noAudioStatus?: 404 | 409 | 425
  /** Conversations at a time; 429 beyond. Default: no limit. */
  readonly maxSessions?: number
  readonly speaking?: SpeakingOptions
  /** Where conversations that are over are told. */
  readonly webhook?: WebhookTarget
}

export interface ElevenLabsSimulator {
  /** http://host:port */
  readonly restUrl: string
  /** ws://host:port */
  readonly wsUrl: string
  /** Every upgrade request in order, refused ones too. */
  readonly sessions: readonly AgentSessionRecord[]
  readonly connections: readonly ConnectionRecord[]
  readonly signedUrlRequests: readonly SignedUrlRequest[]
  /** Every request of text to speech, refused ones too. */
  readonly spokenRequests: readonly SpokenRequest[]
  /** Every webhook sent. */
  readonly webhooks: readonly WebhookRecord[]
  /** Conversations that were deleted. */
  readonly deleted: ReadonlySet<string>
  /** Where webhooks go from now on. */
  sendWebhooksTo(target: WebhookTarget): void
  /** How an agent behaves from its next session on. */
  script(agentId: string, script: AgentScript): void
  /** @throws AppError `TIMED_OUT` when there is no such session in time. */
  waitForSession(
    which: number | ((session: AgentSessionRecord) => boolean),
    timeoutMs: number,
  ): Promise<AgentSessionRecord>
  close(): Promise<void>
}

export async function startElevenLabs(
  options: ElevenLabsOptions = {},
): Promise<ElevenLabsSimulator> {
  const vendor = new SimulatedVendor(options)
  await vendor.listen()
  return vendor
}

class SimulatedVendor implements ElevenLabsSimulator {
  readonly sessions: AgentSessionRecord[] = []
  readonly connections: ConnectionRecord[] = []
  readonly signedUrlRequests: SignedUrlRequest[] = []
  readonly spokenRequests: SpokenRequest[] = []
  readonly webhooks: WebhookRecord[] = []
  readonly deleted = new Set<string>()
  readonly #timers = createTimers()
  readonly #postCalls = new WeakMap<AgentSessionRecord, CompletePostCall>()
  readonly #conversationFailuresTold = new Map<string, number>()
  #webhook: WebhookTarget | undefined
  readonly #options: ElevenLabsOptions
  readonly #clock: Clock
  readonly #scripts = new Map<string, CompleteAgentScript>()
  readonly #signedUrlFailuresTold = new Map<string, number>()
  readonly #speakingFailures: number[]
  readonly #attempts = new Map<string, number>()
  readonly #signedUrls = createSignedUrls()
  readonly #server: Server
  readonly #upgrader = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: 16 * 1024 * 1024,
    handleProtocols: (offered) => (offered.has('convai') ? 'convai' : false),
  })
  readonly #records = new WeakMap<Socket, ConnectionRecord>()
  readonly #sockets = new Set<Socket>()
  readonly #open = new Set<AgentSession>()
  #closing: Promise<void> | undefined

  constructor(options: ElevenLabsOptions) {
    this.#options = options
    this.#clock = options.clock ?? createClock()
    this.#webhook = options.webhook
    this.#speakingFailures = [...(options.speaking?.failures ?? [])]
    this.#server = createServer((request, response) => this.#answer(request, response))
    this.#server.on('connection', (socket) => this.#accepted(socket))
    this.#server.on('upgrade', (request, _stream, head) => this.#upgrade(request, head))
  }

  get restUrl(): string {
    return `http://${this.#authority()}`
  }

  get wsUrl(): string {
    return `ws://${this.#authority()}`
  }

  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(this.#options.port ?? 0, this.#options.host ?? '127.0.0.1', () => {
        this.#server.off('error', reject)
        resolve()
      })
    })
  }

  script(agentId: string, script: AgentScript): void {
    this.#scripts.set(agentId, completeScript(script))
    this.#signedUrlFailuresTold.delete(agentId)
    this.#attempts.delete(agentId)
    this.#conversationFailuresTold.delete(agentId)
  }

  sendWebhooksTo(target: WebhookTarget): void {
    this.#webhook = target
  }

  async waitForSession(
    which: number | ((session: AgentSessionRecord) => boolean),
    timeoutMs: number,
  ): Promise<AgentSessionRecord> {
    const find = (): AgentSessionRecord | undefined =>
      typeof which === 'number' ? this.sessions[which] : this.sessions.find(which)
    await waitUntil(() => find() !== undefined, ms(timeoutMs), 5)
    const found = find()
    if (found === undefined) {
      throw new AppError('TIMED_OUT', `no such agent session in ${timeoutMs} ms`)
    }
    return found
  }

  close(): Promise<void> {
    return (this.#closing ??= new Promise((resolve) => {
      this.#timers.clear()
      for (const session of this.#open) session.close(1001, 'simulator closes')
      this.#server.close(() => resolve())
      for (const socket of this.#sockets) socket.destroySoon()
      // A peer that does not read keeps its connection half open for ever.
      setTimeout(() => {
        for (const socket of this.#sockets) socket.destroy()
      }, 200).unref()
    }))
  }

  #authority(): string {
    const { address, family, port } = this.#server.address() as AddressInfo
    return `${family === 'IPv6' ? `[${address}]` : address}:${port}`
  }

  #scriptOf(agentId: string): CompleteAgentScript | undefined {
    const known = this.#scripts.get(agentId)
    const { onlyScripted = false, defaultScript = {} } = this.#options
    return known ?? (onlyScripted ? undefined : completeScript(defaultScript))
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const connection = this.#records.get(request.socket)
    if (connection !== undefined) connection.requests += 1
    const { apiKey, speaking = {} } = this.#options
    const now = (): ReturnType<Clock['now']> => this.#clock.now()
    if (isSpeaking(request)) {
      const nextFailure = (): number | undefined => this.#speakingFailures.shift()
      const requests = this.spokenRequests
      void handleSpeaking(
        { apiKey, now, options: speaking, nextFailure, requests },
        request,
        response,
      )
      return
    }
    handleRest(
      {
        apiKey,
        now,
        wsUrl: () => this.wsUrl,
        signedUrls: this.#signedUrls,
        sessions: this.sessions,
        signedUrlRequests: this.signedUrlRequests,
        scriptOf: (agentId) => this.#scriptOf(agentId),
        nextSignedUrlFailure: (agentId) => this.#nextSignedUrlFailure(agentId),
        newConversationId,
        conversationIdInUrl: this.#options.conversationIdInUrl ?? false,
        noAudioStatus: this.#options.noAudioStatus ?? 404,
        agentIds: () => [...this.#scripts.keys()],
        postCallOf: (session) => this.#postCalls.get(session) ?? POST_CALL_DEFAULTS,
        deleted: this.deleted,
        nextFailure: (agentId) => this.#nextConversationFailure(agentId),
      },
      request,
      response,
    )
  }

  #nextSignedUrlFailure(agentId: string): number | undefined {
    const failures = this.#scriptOf(agentId)?.signedUrlFailures ?? []
    if (typeof failures === 'number') return failures
    const told = this.#signedUrlFailuresTold.get(agentId) ?? 0
    this.#signedUrlFailuresTold.set(agentId, told + 1)
    return failures[told]
  }

  #nextConversationFailure(agentId: string): number | undefined {
    const told = this.#conversationFailuresTold.get(agentId) ?? 0
    this.#conversationFailuresTold.set(agentId, told + 1)
    return this.#scriptOf(agentId)?.postCall.failures?.[told]
  }

  #isOver(record: AgentSessionRecord, postCall: CompletePostCall): void {
    if (this.#webhook === undefined || this.#closing !== undefined) return
    const { webhooks: sent } = this
    const now = (): ReturnType<Clock['now']> => this.#clock.now()
    sendPostCall({ now, target: this.#webhook, timers: this.#timers, sent }, record, postCall)
  }

  #nextAttempt(agentId: string): number {
    const attempt = (this.#attempts.get(agentId) ?? 0) + 1
    this.#attempts.set(agentId, attempt)
    return attempt
  }

  #accepted(socket: Socket): void {
    const record: ConnectionRecord = {
      at: this.#clock.now(),
      closedAt: null,
      requests: 0,
      upgraded: false,
    }
    this.connections.push(record)
    this.#records.set(socket, record)
    this.#sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('error', () => undefined) // 'close' follows and is recorded.
    socket.once('close', () => {
      record.closedAt = this.#clock.now()
      this.#sockets.delete(socket)
    })
  }

  #upgrade(request: IncomingMessage, head: Buffer): void {
    const { socket } = request
    const connection = this.#records.get(socket)
    if (connection !== undefined) connection.upgraded = true
    const upgradeAt = this.#clock.now()
    const admission = admit(
      {
        apiKey: this.#options.apiKey,
        refusalStyle: this.#options.refusalStyle ?? 'http',
        refusalCode: this.#options.refusalCode,
        upgradeKey: this.#options.upgradeKey ?? 'accepted',
        branchOnSocket: this.#options.branchOnSocket ?? 'ignored',
        maxSessions: this.#options.maxSessions ?? Infinity,
        openSessions: () => this.#open.size,
        signedUrls: this.#signedUrls,
        scriptOf: (agentId) => this.#scriptOf(agentId),
        nextAttempt: (agentId) => this.#nextAttempt(agentId),
      },
      request,
    )
    const record = createSessionRecord({
      agentId: admission.agentId,
      conversationId: admission.conversationId ?? newConversationId(),
      connectionAt: connection?.at ?? upgradeAt,
      upgradeAt,
      httpStatus: admission.kind === 'refused-by-http' ? admission.status : 101,
      signed: admission.signed,
    })
    this.sessions.push(record)
    if (admission.kind === 'refused-by-http') {
      record.closedAt = upgradeAt
      record.closedBy = 'agent'
      refuseByHttp(socket, admission.status)
      return
    }
    const postCall = { ...POST_CALL_DEFAULTS, ...admission.script.postCall }
    this.#postCalls.set(record, postCall)
    this.#upgrader.handleUpgrade(request, socket, head, (webSocket: WebSocket) => {
      const session = startAgentSession({
        socket: webSocket,
        clock: this.#clock,
        script: admission.script,
        record,
        reset: () => socket.resetAndDestroy(),
      })
      this.#open.add(session)
      webSocket.once('close', () => {
        this.#open.delete(session)
        this.#isOver(record, postCall)
      })
    })
  }
}

const newConversationId = (): string => `conv_${randomBytes(12).toString('hex')}`
