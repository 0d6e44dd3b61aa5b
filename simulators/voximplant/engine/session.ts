// One session from its start to its result: the scenario in its thread on one side, phones, agents and the network on
// the other.
import { randomBytes } from 'node:crypto'
import { Agents } from './agents.ts'
import { detect } from './detection.ts'
import { HttpRequests } from './http-requests.ts'
import { createPacer, type Pacer } from './pacer.ts'
import type { Arrival, CallFacts, Wish } from './sandbox/messages.ts'
import { openSandbox, type Sandbox } from './sandbox/sandbox.ts'
import type {
  AgentOpening,
  PhoneScript,
  RunningSession,
  SessionHttpRequest,
  SessionPlan,
  SessionRecord,
  SessionResource,
  SessionResult,
} from './session-plan.ts'
import { SimulatedCall } from './simulated-call.ts'

/** A session without calls, and how long one that ends waits for its requests. */
const WITHOUT_CALLS_MS = 60_000
const REQUESTS_WAIT_MS = 90_000
const HANGS_UP_WHILE_OPENING_MS = 5
/** A scenario may write for ever. */
const MOST_LOG_LINES = 5000
/** Attempts of a session; those beyond fail with 403. */
const MOST_CALLS = 50
/** Of a callback, at the vendor. */
const CALLBACK_MS = 1000
const NORMAL = 'Normal termination'
const SESSION_COST = 0.001

export function runSession(plan: SessionPlan): RunningSession {
  const session = new Session(plan)
  session.begin()
  return session
}

class Session implements RunningSession {
  readonly log: string[] = []
  readonly #plan: SessionPlan
  readonly #sandbox: Sandbox
  readonly #pacer: Pacer
  readonly #http: HttpRequests
  readonly #agents: Agents
  readonly #calls = new Map<string, SimulatedCall>()
  readonly #resources: SessionResource[] = []
  readonly #startedAt = Date.now()
  readonly #over = Promise.withResolvers<SessionResult>()
  #idleChecks = 0
  #isEnding = false
  #customData: string

  constructor(plan: SessionPlan) {
    this.#plan = plan
    this.#customData = plan.customData
    const { pace, reach } = plan
    this.#pacer = createPacer(pace)
    this.#http = new HttpRequests({
      pace,
      reach,
      settled: (id, value) => this.#tell({ kind: 'settled', id, value }),
    })
    this.#agents = new Agents(plan, (arrival) => this.#tell(arrival))
    this.#sandbox = openSandbox(
      {
        script: plan.script,
        secrets: [...plan.secrets],
        customData: plan.customData,
        pace,
        callbackMs: plan.callbackMs ?? CALLBACK_MS,
        hmacEncoding: plan.faults?.hmacEncoding ?? 'hex',
      },
      {
        wish: (wish) => this.#grant(wish),
        log: (text) => this.#write(text),
        customData: (text) => (this.#customData = text),
        broken: (text) => {
          this.#write(`Error: ${text}`)
          this.#end('JS session error', { systemError: true })
        },
      },
    )
  }

  get over(): Promise<SessionResult> {
    return this.#over.promise
  }

  get openings(): readonly AgentOpening[] {
    return this.#agents.openings
  }

  begin(): void {
    const { accessUrl, accountId, applicationId, sessionId, incoming } = this.#plan
    this.#tell({
      kind: 'app',
      name: 'Started',
      data: {
        accessURL: accessUrl,
        accessSecureURL: accessUrl,
        accountId,
        applicationId,
        logURL: `${accessUrl}/log`,
        sessionId,
        conference_name: '',
      },
    })
    // Nobody's patience begins before the scenario is there.
    void this.#sandbox.ready.then(() => {
      if (this.#isEnding) return
      if (incoming !== undefined) this.#alert(incoming)
      this.#callsChanged()
    })
  }

  httpRequest(request: SessionHttpRequest): void {
    const headers = request.headers.filter(({ key }) => /^x-/i.test(key))
    this.#tell({ kind: 'app', name: 'HttpRequest', data: { ...request, headers } })
  }

  terminate(reason: string): void {
    this.#end(reason)
  }

  #tell(arrival: Arrival): void {
    // After its end a session is told nothing but that.
    if (!this.#isEnding) this.#sandbox.arrive(arrival)
  }

  #write(text: string): void {
    if (this.log.length < MOST_LOG_LINES) this.log.push(text)
  }

  #alert(incoming: { from: string; to: string; phone: PhoneScript }): void {
    const { from, to, phone } = incoming
    const id = randomBytes(8).toString('hex')
    const numbers = { number: withoutPlus(to), callerid: withoutPlus(from) }
    const facts: CallFacts = { id, ...numbers, incoming: true, state: 'ALERTING' }
    const call = this.#addCall(facts, phone)
    const { callerid, number: destination } = numbers
    const uris = { toURI: `sip:${destination}@pstn`, fromURI: `sip:${callerid}@pstn` }
    const data = { callerid, destination, ...uris, displayName: '', headers: {}, scheme: '' }
    this.#tell({ kind: 'app', name: 'CallAlerting', call: facts, data })
    call.alert()
  }

  #addCall(facts: CallFacts, script: PhoneScript): SimulatedCall {
    const call = new SimulatedCall({
      facts,
      script,
      faults: this.#plan.faults ?? {},
      pace: this.#plan.pace,
      tell: (arrival) => this.#tell(arrival),
      newRecord: () => {
        const id = this.#plan.newId()
        return { id, url: this.#plan.recordUrl(id) }
      },
      changed: () => this.#callsChanged(),
    })
    this.#calls.set(facts.id, call)
    return call
  }

  #callsChanged(): void {
    this.#idleChecks += 1
    const check = this.#idleChecks
    if ([...this.#calls.values()].some((call) => !call.isOver)) return
    this.#pacer.after(WITHOUT_CALLS_MS, () => {
      if (check === this.#idleChecks) this.#end('Timeout')
    })
  }

  #grant(wish: Wish): void {
    switch (wish.op) {
      case 'callPSTN':
        this.#dial(wish)
        return
      case 'http':
        this.#http.request(wish.id, wish.url, wish.options)
        return
      case 'terminate':
        this.#end(NORMAL)
        return
      case 'createAgent':
        this.#createAgent(wish)
        return
      case 'agentSend':
        this.#agents.send(wish.clientId, wish.type, wish.data)
        return
      case 'agentClose':
        this.#agents.close(wish.clientId)
        return
      case 'agentClear':
        this.#agents.clear(wish.clientId)
        return
      case 'sendMedia':
        if (typeof wish.to === 'number') this.#agents.join(wish.to)
        return
      case 'stopMedia':
        return
      default:
        this.#grantToCall(wish)
    }
  }

  #grantToCall(wish: Extract<Wish, { callId: string }>): void {
    const call = this.#calls.get(wish.callId)
    if (call === undefined || this.#isEnding) return
    switch (wish.op) {
      case 'callPSTN':
      case 'startEarlyMedia':
        return
      case 'answer':
        call.answer()
        return
      case 'hangup':
        call.hangup()
        return
      case 'reject':
        call.reject(wish.code)
        return
      case 'record':
        call.record()
        return
      case 'say':
        call.say(wish.text)
        return
      case 'startPlayback':
        call.startPlayback()
        return
      case 'stopPlayback':
        call.stopPlayback()
        return
      case 'handleTones':
        call.handleTones(wish.handle)
        return
      default:
        wish satisfies never
    }
  }

  #dial({ callId: id, number, callerid, detection }: Extract<Wish, { op: 'callPSTN' }>): void {
    if (this.#isEnding) return
    const facts: CallFacts = { id, number, callerid, incoming: false, state: 'PROGRESSING' }
    const call = this.#addCall(facts, this.#plan.phones(number))
    if (detection !== null) {
      call.onConnected = () => this.#detect(call, detection)
    }
    if (this.#calls.size > MOST_CALLS) call.refuse()
    else call.dial()
    this.#callsChanged()
  }

  #detect(call: SimulatedCall, detection: { id: number; timeoutMs: number }): void {
    this.#resources.push({ type: 'VOICEMAILDETECTION', cost: 0.01, at: Date.now() })
    const wanted = this.#plan.faults?.amd
    detect({ call, detection, pacer: this.#pacer, wanted }, (arrival) => this.#tell(arrival))
  }

  #createAgent(wish: Extract<Wish, { op: 'createAgent' }>): void {
    if (this.#isEnding) return
    this.#agents.create(wish)
    for (const call of this.#calls.values()) {
      if (!call.hangsUpWhileOpening()) continue
      this.#pacer.after(HANGS_UP_WHILE_OPENING_MS, () => call.hangUpFromAfar())
    }
  }

  #end(finishReason: string, data?: Readonly<Record<string, unknown>>): void {
    if (this.#isEnding) return
    this.#isEnding = true
    void this.#finish(finishReason, data)
  }

  async #finish(finishReason: string, data?: Readonly<Record<string, unknown>>): Promise<void> {
    this.#pacer.clear()
    for (const call of this.#calls.values()) call.cut('Session terminated')
    this.#agents.closeAll()
    this.#http.dropQueued()
    await this.#sandbox.ready
    await this.#requestsSettled()
    await this.#sandbox.finishWith('Terminating', data)
    await this.#requestsSettled()
    await this.#sandbox.finishWith('Terminated', data)
    this.#http.close()
    this.#pacer.clear()
    await this.#sandbox.close()
    this.#over.resolve(this.#result(finishReason))
  }

  async #requestsSettled(): Promise<void> {
    const late = new Promise<void>((resolve) => this.#pacer.after(REQUESTS_WAIT_MS, resolve))
    await Promise.race([this.#http.idle(), late])
    this.#pacer.clear()
  }

  #result(finishReason: string): SessionResult {
    const calls = [...this.#calls.values()]
    const records = calls.map((call) => call.recordResult()).filter((record) => record !== null)
    const session: SessionResource = {
      type: 'CALLSESSION',
      cost: SESSION_COST,
      at: this.#startedAt,
    }
    return {
      startedAt: this.#startedAt,
      durationSeconds: this.#pacer.secondsSince(this.#startedAt),
      finishReason,
      calls: calls.map((call) => call.result()),
      records: records satisfies SessionRecord[],
      resources: [session, ...this.#resources],
      httpRequests: this.#http.made,
      customData: this.#customData,
    }
  }
}

const withoutPlus = (number: string): string => number.replace(/^\+/, '')
