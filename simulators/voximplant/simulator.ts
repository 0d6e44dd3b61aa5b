// The simulated Voximplant: the Management API on loopback, the account behind it, and the sessions that it starts.
import { ms } from '#core/contracts'
import { AppError } from '#core/errors'
import { waitFor, waitUntil } from '#core/lifecycle'
import { TokenBucket, createClock } from '#core/time'
import { setUpNumber, setUpRule, setUpScenario } from './account-setup.ts'
import { Account } from './account.ts'
import { allCommands } from './all-commands.ts'
import { CallHistory } from './call-history.ts'
import type { SessionFaults } from './engine/session-plan.ts'
import { Faults, type Fault, type FaultOptions } from './faults.ts'
import { answerAtTheDoor } from './front-door.ts'
import type { HistoryRecord, HistorySession } from './history-session.ts'
import { HttpServer } from './http-server.ts'
import { KeyGuard, type AccountNames } from './key-guard.ts'
import type {
  AddedRecording,
  NewNumber,
  NewRule,
  NewScenario,
  VoximplantOptions,
  VoximplantSimulator,
} from './options.ts'
import { PlatformDesk } from './platform-desk.ts'
import { RecordFiles } from './record-files.ts'
import { RequestLog, type RequestRecord } from './request-log.ts'
import { ServiceAccount, type ServiceAccountKey } from './service-token.ts'
import { Sessions, type RunSession } from './sessions.ts'
import type { LiveSession, SimulatedSession } from './simulated-session.ts'
import { parseUtcDate } from './vendor-dates.ts'

const WAIT_MS = 5000
const CLOSE_MS = 2000

/** @param runSession the engine, or what stands in for it */
export async function openVoximplant(
  options: VoximplantOptions,
  runSession: RunSession,
): Promise<VoximplantSimulator> {
  const voximplant = new SimulatedVoximplant(options, runSession)
  await voximplant.listen()
  return voximplant
}

class SimulatedVoximplant implements VoximplantSimulator {
  readonly accountId: number
  readonly accountName = 'simulated'
  readonly apiKey: string
  readonly #serviceAccount: ServiceAccount
  balance: number
  readonly #options: VoximplantOptions
  readonly #now: () => number
  readonly #account: Account
  readonly #history = new CallHistory()
  readonly #files = new RecordFiles(() => this.baseUrl)
  readonly #faults = new Faults()
  readonly #log = new RequestLog()
  readonly #guard: KeyGuard
  readonly #sessions: Sessions
  readonly #server: HttpServer
  readonly #closing = new AbortController()
  #onPage: (offset: number, count: number) => void = () => undefined
  #closed: Promise<void> | undefined

  constructor(options: VoximplantOptions, runSession: RunSession) {
    const clock = options.clock ?? createClock()
    this.#options = options
    this.#now = () => clock.now()
    this.accountId = options.accountId ?? 1_000_001
    this.apiKey = options.apiKey ?? 'a-key-of-the-simulator'
    this.balance = options.balance ?? 100
    this.#serviceAccount = new ServiceAccount(this.accountId)
    const { accountName, accountId, apiKey } = this
    const names = {
      accountId,
      accountName,
      apiKey,
      accountEmail: this.#serviceAccount.email,
    }
    const isSecureByDefault = options.secureRecords ?? false
    this.#account = new Account({ accountName, isSecureByDefault, now: this.#now })
    this.#guard = new KeyGuard(names, this.#serviceAccount)
    this.#sessions = this.#openSessions(runSession)
    const perSecond = options.requestsPerSecond
    const bucket = perSecond === undefined ? undefined : new TokenBucket(clock, perSecond)
    this.#server = this.#openServer(this.#openDesk(names, bucket))
  }

  get serviceAccountKey(): ServiceAccountKey {
    return this.#serviceAccount.key
  }

  get baseUrl(): string {
    return this.#server.baseUrl
  }

  get requests(): readonly RequestRecord[] {
    return this.#log.records
  }

  get sessions(): readonly SimulatedSession[] {
    return this.#sessions.all
  }

  listen(): Promise<void> {
    return this.#server.listen()
  }

  addApplication({ name, secure }: Parameters<VoximplantSimulator['addApplication']>[0]) {
    const { id, fullName } = this.#account.addApplication(name, secure)
    return { application_id: id, application_name: fullName }
  }

  addNumber(number: NewNumber): { readonly phone_id: number } {
    return { phone_id: setUpNumber(this.#account, number).id }
  }

  addRule(rule: NewRule): { readonly rule_id: number } {
    return { rule_id: setUpRule(this.#account, rule).id }
  }

  addScenario(scenario: NewScenario): { readonly scenario_id: number } {
    return { scenario_id: setUpScenario(this.#account, scenario).id }
  }

  scriptOf(scenarioId: number): string {
    return this.#account.own(this.#account.scenario(scenarioId), 'scenario').script
  }

  secrets(applicationId: number): ReadonlyMap<string, string> {
    const account = this.#account
    const { secrets } = account.own(account.application(applicationId), 'application')
    return new Map([...secrets.values()].map(({ name, value }) => [name, value]))
  }

  addHistory(sessions: Iterable<HistorySession>, recordings: AddedRecording = {}): void {
    const files = (session: HistorySession): HistorySession => {
      for (const record of session.records ?? []) this.#addFile(record, recordings)
      return session
    }
    this.#history.add(Iterator.from(sessions).map(files))
  }

  removeHistory(sessionId: number): void {
    this.#history.remove(sessionId)
  }

  addRecord(sessionId: number, record: HistoryRecord, recording: AddedRecording = {}): void {
    parseUtcDate(record.start_time)
    if (!this.#history.addRecord(sessionId, record))
      throw new AppError('NOT_FOUND', 'no such session in the history of Voximplant')
    this.#addFile(record, recording)
  }

  callIn({ from, to, phone }: Parameters<VoximplantSimulator['callIn']>[0]): SimulatedSession {
    return this.#sessions.callIn({ from, to, phone })
  }

  faultSessions(faults: SessionFaults): void {
    this.#sessions.faults = faults
  }

  fail(fault: Fault, options: FaultOptions = {}): void {
    this.#faults.add(fault, options)
  }

  forbid(command: string, code: 100 | 104 = 104): void {
    this.#guard.forbid(command, code)
  }

  allow(command: string): void {
    this.#guard.allow(command)
  }

  whilePaging(hook: (offset: number, count: number) => void): void {
    this.#onPage = hook
  }

  async waitForSession(
    which: number | ((session: SimulatedSession) => boolean),
    timeoutMs = WAIT_MS,
  ): Promise<SimulatedSession> {
    const find = (): LiveSession | undefined =>
      typeof which === 'number' ? this.#sessions.all[which] : this.#sessions.all.find(which)
    await waitUntil(() => find() !== undefined, ms(timeoutMs), 5)
    const found = find()
    if (found !== undefined) return found
    throw new AppError('TIMED_OUT', `no such session at Voximplant in ${timeoutMs} ms`)
  }

  close(): Promise<void> {
    return (this.#closed ??= this.#close())
  }

  async #close(): Promise<void> {
    this.#closing.abort()
    const live = this.#sessions.all.filter(({ isOver }) => !isOver)
    for (const session of live) session.terminate('Terminated administratively')
    const ends = Promise.allSettled(live.map(({ over }) => over))
    const options = { name: 'the end of all sessions', timeout: ms(CLOSE_MS) }
    try {
      await waitFor(ends, options)
    } finally {
      await this.#server.close()
    }
  }

  #addFile({ record_id, duration }: HistoryRecord, { secure, sound }: AddedRecording): void {
    const isSecure = secure ?? this.#options.secureRecords ?? false
    this.#files.add(record_id, { seconds: duration ?? 0, isSecure, bytes: sound })
  }

  #openSessions(runSession: RunSession): Sessions {
    const options = this.#options
    return new Sessions({
      runSession,
      account: this.#account,
      accountId: this.accountId,
      history: this.#history,
      files: this.#files,
      baseUrl: () => this.baseUrl,
      now: this.#now,
      historyDelayMs: options.historyDelayMs ?? 0,
      phones: options.phones ?? (() => ({ answer: 'yes' })),
      agentWsUrl: options.agentWsUrl,
      pace: options.pace ?? 1,
      reach: options.reach ?? ((url) => url),
      onCost: (cost) => (this.balance -= cost),
    })
  }

  #openDesk(names: AccountNames, bucket: TokenBucket | undefined): PlatformDesk {
    const options = this.#options
    const account = this.#account
    const commands = allCommands({
      options,
      account,
      names,
      history: this.#history,
      files: this.#files,
      balance: () => this.balance,
      host: () => this.#server.host,
      start: (rule, customData) => this.#sessions.start(rule, customData),
      onPage: (offset, count) => this.#onPage(offset, count),
    })
    return new PlatformDesk({
      commands,
      guard: this.#guard,
      faults: this.#faults,
      log: this.#log,
      now: this.#now,
      errorHttpStatus: options.errorHttpStatus ?? 200,
      bucket,
      closing: this.#closing.signal,
    })
  }

  #openServer(desk: PlatformDesk): HttpServer {
    const door = {
      desk,
      guard: this.#guard,
      files: this.#files,
      sessions: this.#sessions,
      faults: this.#faults,
      log: this.#log,
      now: this.#now,
      closing: this.#closing.signal,
    }
    const { host = '127.0.0.1', port = 0, tls } = this.#options
    return new HttpServer({
      host,
      port,
      tls,
      answer: (request, response) => answerAtTheDoor(door, request, response),
    })
  }
}
