// The simulated Twilio: REST on loopback, callers and callees as scripted, and a record of everything.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { ms, type EpochMs } from '#core/contracts'
import { AppError, messageOf } from '#core/errors'
import { waitUntil } from '#core/lifecycle'
import { createClock } from '#core/time'
import type { CallScript } from './call-script.ts'
import { LiveCall } from './live-call.ts'
import type {
  CallInOptions,
  RestFault,
  RestOperation,
  TwilioOptions,
  TwilioSimulator,
} from './options.ts'
import { placeCall } from './outbound-call.ts'
import type { Platform } from './platform.ts'
import { Recordings } from './recordings.ts'
import type { Alert, RestRequestRecord, WebhookRecord } from './records.ts'
import { routeRest, type RestDeps, type Routed } from './rest.ts'
import { restError, sendRest } from './rest-answer.ts'
import type { PlacedCall } from './rest-calls.ts'
import { RestFaults } from './rest-faults.ts'
import { newSid } from './sid.ts'
import { runCall } from './twiml-player.ts'
import { WebhookClient } from './webhook-client.ts'

const DEFAULT_NUMBER = '+4930555200'
const DEFAULT_CALLER = '+4930900000'
const WAIT_MS = 5000
/** What is older is forgotten. */
const MOST_CALLS = 1000
const MOST_REQUESTS = 20_000

export async function startTwilio(options: TwilioOptions = {}): Promise<TwilioSimulator> {
  const twilio = new SimulatedTwilio(options)
  await twilio.listen()
  return twilio
}

class SimulatedTwilio implements TwilioSimulator {
  readonly accountSid: string
  readonly phoneNumber: string
  readonly calls: LiveCall[] = []
  readonly restRequests: RestRequestRecord[] = []
  readonly webhooks: WebhookRecord[] = []
  readonly #options: TwilioOptions
  readonly #platform: Platform
  readonly #now: () => EpochMs
  readonly #client: WebhookClient
  readonly #scripts = new Map<string, CallScript>()
  readonly #faults = new RestFaults()
  readonly #number = { sid: newSid('PN'), voiceUrl: '', statusCallback: '' }
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #authToken: string
  #nextStartAt = 0
  #closing: Promise<void> | undefined

  constructor(options: TwilioOptions) {
    const clock = options.clock ?? createClock()
    this.#options = options
    this.#now = () => clock.now()
    this.accountSid = options.accountSid ?? newSid('AC')
    this.#authToken = options.authToken ?? 'a-token-of-the-simulator'
    this.phoneNumber = options.phoneNumber ?? DEFAULT_NUMBER
    const reach = options.reach ?? ((origin) => origin)
    this.#client = new WebhookClient({
      now: this.#now,
      authToken: () => this.#authToken,
      reach,
      timeoutMs: options.webhookTimeoutMs ?? 15_000,
      retry: options.retry ?? { times: 1, on: ['connect'] },
      onSent: (record) => this.#sent(record),
    })
    this.#platform = this.#platformOf(reach)
    this.#server = createServer((request, response) => void this.#answer(request, response))
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.on('error', () => undefined) // 'close' follows.
      socket.once('close', () => this.#sockets.delete(socket))
    })
  }

  get baseUrl(): string {
    const { address, port } = this.#server.address() as AddressInfo
    return `http://${address}:${port}`
  }

  get authToken(): string {
    return this.#authToken
  }

  get alerts(): readonly Alert[] {
    return this.calls.flatMap(({ alerts }) => alerts)
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

  callIn(options: CallInOptions): LiveCall {
    const { from = DEFAULT_CALLER, to = this.phoneNumber, method = 'POST', params } = options
    const call = new LiveCall(this.#platform, {
      direction: 'inbound',
      from,
      to,
      script: options.script ?? this.#scriptOf(from),
      status: 'ringing',
      ...(params === undefined ? {} : { params }),
      ...(options.statusCallback === undefined
        ? {}
        : {
            statusCallback: { url: options.statusCallback, method: 'POST', events: ['completed'] },
          }),
    })
    this.#addCall(call)
    const { voiceUrl: url, fallbackUrl } = options
    call.inBackground(runCall(this.#platform, call, { kind: 'url', url, method, fallbackUrl }))
    return call
  }

  script(number: string, script: CallScript): void {
    this.#scripts.set(number, script)
  }

  failRest(fault: RestFault, { times = 1, of }: { times?: number; of?: RestOperation } = {}): void {
    this.#faults.add(fault, times, of)
  }

  rotateAuthToken(authToken: string): void {
    this.#authToken = authToken
  }

  async replay(
    webhook: WebhookRecord,
    changes: Parameters<TwilioSimulator['replay']>[1] = {},
  ): Promise<WebhookRecord> {
    const { callSid, kind, method, idempotencyToken, url } = webhook
    const params = Object.entries({ ...webhook.params, ...changes.params })
    const forged = changes.forged ?? false
    const before = this.webhooks.length
    const again = { callSid, kind, method, idempotencyToken, params, forged }
    // Of a GET the parameters stand in the URL already.
    const sent = method === 'GET' ? { ...again, params: [] } : again
    await this.#client.send({ ...sent, url: changes.url ?? url })
    const record = this.webhooks
      .slice(before)
      .findLast((each) => each.idempotencyToken === idempotencyToken)
    if (record === undefined) throw new AppError('TIMED_OUT', 'the webhook was not sent again')
    return record
  }

  async waitForCall(
    which: number | ((call: LiveCall) => boolean),
    timeoutMs = WAIT_MS,
  ): Promise<LiveCall> {
    const find = (): LiveCall | undefined =>
      typeof which === 'number' ? this.calls[which] : this.calls.find(which)
    await waitUntil(() => find() !== undefined, ms(timeoutMs), 5)
    const found = find()
    if (found !== undefined) return found
    throw new AppError('TIMED_OUT', `no such call at Twilio in ${timeoutMs} ms`)
  }

  close(): Promise<void> {
    return (this.#closing ??= new Promise((resolve) => {
      for (const call of this.calls) call.vanish()
      this.#client.close()
      this.#server.close(() => resolve())
      for (const socket of this.#sockets) socket.destroy()
    }))
  }

  #platformOf(reach: (origin: string) => string): Platform {
    const { accountSid } = this
    const options = this.#options
    const baseUrl = (): string => this.baseUrl
    return {
      accountSid,
      authToken: () => this.#authToken,
      now: this.#now,
      webhooks: this.#client,
      recordings: new Recordings({ accountSid, baseUrl, now: this.#now }),
      reach,
      sayMsPerChar: options.sayMsPerChar ?? 1,
      pace: options.pace ?? 1,
      maxDocuments: options.maxDocuments ?? 50,
      emptyDigits: options.emptyDigits ?? 'empty',
      slashOnStreamUrl: options.slashOnStreamUrl ?? false,
      strictStreams: options.strictStreams ?? true,
      addCall: (call) => this.#addCall(call),
    }
  }

  #addCall(call: LiveCall): void {
    const oldest =
      this.calls.length >= MOST_CALLS ? this.calls.findIndex((each) => each.isOver) : -1
    if (oldest >= 0) this.calls.splice(oldest, 1)
    this.calls.push(call)
  }

  #sent(record: WebhookRecord): void {
    this.webhooks.push(record)
    if (this.webhooks.length > MOST_REQUESTS) this.webhooks.shift()
    const call = this.calls.findLast(({ sid }) => sid === record.callSid)
    call?.webhooks.push(record)
    call?.write({ type: 'webhook', webhook: record })
  }

  #scriptOf(number: string): CallScript {
    const { script = {} } = this.#options
    return this.#scripts.get(number) ?? (typeof script === 'function' ? script(number) : script)
  }

  #place({ from, to, statusCallback, plan, recording }: PlacedCall): LiveCall {
    const call = new LiveCall(this.#platform, {
      direction: 'outbound-api',
      from,
      to,
      script: this.#scriptOf(to),
      status: 'queued',
      ...(statusCallback === undefined ? {} : { statusCallback }),
    })
    this.#addCall(call)
    const now = performance.now()
    const startAt = Math.max(now, this.#nextStartAt)
    this.#nextStartAt = startAt + 1000 / (this.#options.callsPerSecond ?? 1)
    call.inBackground(placeCall(this.#platform, call, plan, startAt - now))
    if (recording !== undefined) call.inBackground(this.#recordFromAnswer(call, recording))
    return call
  }

  async #recordFromAnswer(
    call: LiveCall,
    recording: NonNullable<PlacedCall['recording']>,
  ): Promise<void> {
    const isFinal = (): boolean => call.isOver || call.startedAt !== null
    await call.waitFor(({ type }) => type === 'status' && isFinal(), 3_600_000)
    if (!call.isOver) this.#platform.recordings.start(call, recording)
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url: path = '/' } = request
    const form = new URLSearchParams(await text(request).catch(() => ''))
    const record: RestRequestRecord = {
      at: this.#now(),
      method,
      path,
      form: Object.fromEntries(form),
      status: 0,
    }
    this.restRequests.push(record)
    if (this.restRequests.length > MOST_REQUESTS) this.restRequests.shift()
    const { authorization } = request.headers
    const url = new URL(path, this.baseUrl)
    const routed = routeRest(this.#restDeps(), { method, url, form, authorization })
    try {
      await this.#answerRouted(routed, record, response)
    } catch (error) {
      response.writeHead(500).end(messageOf(error))
    }
  }

  async #answerRouted(
    { operation, run }: Routed,
    record: RestRequestRecord,
    response: ServerResponse,
  ): Promise<void> {
    const fault = this.#faults.take(operation)
    if (fault?.kind === 'slow') await sleep(fault.ms)
    if (fault?.kind === 'not-processed') {
      this.#reset(response)
      return
    }
    if (fault?.kind === 'hangs' && !fault.processed) return
    const answer = fault?.kind === 'refused' ? restError(fault.code, fault.status) : run()
    if (fault?.kind === 'hangs') return
    if (fault?.kind === 'answer-lost') {
      this.#reset(response)
      return
    }
    record.status = answer.status
    sendRest(response, answer)
  }

  #reset(response: ServerResponse): void {
    response.socket?.resetAndDestroy()
  }

  #restDeps(): RestDeps {
    const { accountSid, phoneNumber, calls } = this
    return {
      accountSid,
      phoneNumber,
      calls,
      authToken: () => this.#authToken,
      recordings: this.#platform.recordings,
      number: () => this.#number,
      place: (asked) => this.#place(asked),
      view: () => {
        const { priceAfterMs = 2000 } = this.#options
        return { accountSid, now: this.#now(), priceAfterMs }
      },
    }
  }
}
