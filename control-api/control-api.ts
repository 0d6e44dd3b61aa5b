// Opens and closes everything of control-api, in order: the database first, listening last.
import {
  ms,
  type AgentDirectory,
  type CallControl,
  type CallEvents,
  type CallFlows,
  type CallJournal,
  type MediaBridge,
  type MediaStore,
  type Milliseconds,
  type MintAnswerEvidence,
  type NumberRoute,
  type SipTrace,
} from '#core/contracts'
import { AppError, systemCodeOf } from '#core/errors'
import { runAll, waitFor, type Lifecycle } from '#core/lifecycle'
import {
  createLogLevelSwitch,
  NO_TRACING,
  type CallLogs,
  type LogLevelSwitch,
  type Metrics,
  type RootLogger,
  type Tracing,
} from '#core/telemetry'
import type { Clock } from '#core/time'
import { openAuditLog } from './access/audit-log.ts'
import { openAccess } from './access/open-access.ts'
import { createApp } from './app.ts'
import type { ControlApiConfig } from './control-api-config.ts'
import type { LedgerAuditor } from './calls/auditor.ts'
import { agentColumns } from './calls/call-row.ts'
import type { Consequences } from './calls/consequences.ts'
import { createCallJournal } from './calls/journal.ts'
import { openPageCursors } from './calls/page-cursor.ts'
import { createProviders } from './calls/providers.ts'
import type { CallRecorder } from './calls/recorder.ts'
import { openDatabase, type OpenedDatabase } from './db/database.ts'
import { createIdempotencyStore } from './db/idempotency-store.ts'
import { createAgentDirectory, type ConfiguredDirectory } from './directory.ts'
import { createAgentKeys } from './elevenlabs/agent-keys.ts'
import { createAgentVendors } from './elevenlabs/agent-vendors.ts'
import { createConversationStore } from './elevenlabs/conversation-store.ts'
import { createAnnouncements } from './events/announcements.ts'
import { paceAnnouncements, type PacedAnnouncements } from './events/paced-announcements.ts'
import { closeFeatures, openFeatures, type Feature, type Platform } from './features.ts'
import type { HttpServer } from './http-server.ts'
import { openHistory } from './open-history.ts'
import type { FlowDesk } from './ivr/flow-desk.ts'
import { openFlows } from './ivr/open-flows.ts'
import { createTelephonyCopies } from './privacy/telephony-copies.ts'
import type { JobQueue } from './jobs/job-queue.ts'
import type { KeyRing } from './access/key-ring.ts'
import type { ListedRoute } from './plugins/route-list.ts'
import { exposeStop } from './previous-stop.ts'
import { createReadiness, type Readiness, type ReadinessSwitch } from './readiness.ts'
import { openVault } from './secrets/vault.ts'
import type { OpenMediaStore } from './storage/open-store.ts'

/** Requests still running when everything closes get this long. */
const HTTP_CLOSE_TIMEOUT = ms(2000)
const LAST_AUDITS_TIMEOUT = ms(1000)

export interface ControlApiDeps {
  readonly logger: RootLogger
  /** Of that logger; its own where nobody else changes the level. */
  readonly logLevel?: LogLevelSwitch | undefined
  readonly metrics: Metrics
  readonly clock: Clock
  readonly events: CallEvents
  /** Undefined before the gateway is up; requests that need it then answer 503. */
  readonly callControl: () => CallControl | undefined
  /** For calls whose audio comes by a stream. Undefined before it is up, and where there is none. */
  readonly bridge?: (() => MediaBridge | undefined) | undefined
  /** Called where an answered call of Twilio starts its stream, and nowhere else. */
  readonly mint?: MintAnswerEvidence | undefined
  /** For the timeline and the debug bundle. */
  readonly sipTrace: SipTrace
  /** For the debug bundle. */
  readonly callLogs?: CallLogs | undefined
  /** Absent: off. */
  readonly tracing?: Tracing | undefined
}

export type { ControlApiConfig }

export interface ControlApi extends Lifecycle {
  /** Where HTTP listens; before `listen`, where it was told to. */
  readonly address: { readonly host: string; readonly port: number }
  readonly journal: CallJournal
  readonly directory: AgentDirectory
  /** The menu; undefined where none is configured. */
  readonly flows: CallFlows | undefined
  /** Other routes of our numbers, from the next call on. */
  replaceNumbers(numbers: readonly NumberRoute[]): void
  /** For recordings: in `media` of the data folder. */
  readonly mediaStore: MediaStore
  /** The administrator key made by this start: for the terminal, once, never for the log. */
  readonly generatedKey: string | undefined
  /** @throws AppError `CONFIGURATION_INVALID` when the address cannot be had. */
  listen(): Promise<void>
  setReady(state: Readiness): void
  /** It is to stop because of a defect: the next start is told that this one crashed, however well it closes. */
  noteFailure(): void
  /** Refuses new calls of telephony vendors and waits for those that there are; HTTP goes on, for they need it. */
  drainCalls(deadline: Milliseconds): Promise<void>
  /** Ends those that are left, their agents first: to be called before the media closes. Idempotent. */
  endCalls(): Promise<void>
  /** The OpenAPI document. */
  describe(): object
  /** Every route, documented or not, and who may call it. */
  routes(): readonly ListedRoute[]
  /**
   * Told when something is lost that only a new process can bring back (the database thread); at once when it already
   * is. Nothing can be recorded then, so no call can be taken: the process should stop.
   */
  onFailure(listener: (reason: string) => void): void
}

/**
 * Opens the database, brings its tables up to date and closes what a crash left open. Called by main.ts.
 * @throws AppError `DATABASE_UNAVAILABLE`; `CONFIGURATION_INVALID` when DATA_DIR cannot be had.
 */
export async function openControlApi(
  deps: ControlApiDeps,
  config: ControlApiConfig,
): Promise<ControlApi> {
  const database = await openDatabase(deps.logger, {
    dataDir: config.dataDir,
    url: config.databaseUrl,
  })
  try {
    return await openOn(database, deps, config)
  } catch (error) {
    // Why it did not open matters more than how it closed.
    await database.close().catch(() => undefined)
    throw error
  }
}

async function openOn(
  database: OpenedDatabase,
  deps: ControlApiDeps,
  config: ControlApiConfig,
): Promise<ControlApi> {
  const { clock, logger, sipTrace, logLevel = createLogLevelSwitch(logger, clock) } = deps
  const { tracing = NO_TRACING } = deps
  const announcements = createAnnouncements(clock, (err) => {
    logger.error({ err }, 'a listener of announcements failed')
  })
  const changes = paceAnnouncements(announcements)
  exposeStop(database.stopNote, deps)
  const history = await openHistory(database, { ...deps, tracing, changes }, config)
  const journal = createCallJournal({ ...deps, ...history, database })
  const directory = createAgentDirectory(config, (callId, agent) =>
    history.recorder.assign(callId, agentColumns(agent)),
  )
  const flows =
    config.ivr && (await openFlows({ ...deps, ...history, database }, config.ivr, config.version))
  const providers = createProviders(deps.callControl, tracing)
  const audit = await openAuditLog(database, clock)
  const access = await openAccess({ ...deps, database, audit }, config)
  const vault = await openVault(database, {
    keys: config.secretsKeys ?? [],
    makeKeyIn: config.rehearsal ? config.dataDir : undefined,
  })
  const readiness = createReadiness()
  const agentKeys = createAgentKeys()
  const shared = {
    announcements,
    readiness,
    ...history,
    journal,
    directory,
    flows,
    providers,
    callControl: providers.callControl,
    database,
    audit,
    vault,
    agentKeys,
    agentVendors: createAgentVendors(deps.metrics, agentKeys, config.agentVendor),
    telephonyCopies: createTelephonyCopies(),
    conversations: createConversationStore({ database, feed: history.feed, clock }),
    keys: access.keys,
  }
  const platform: Platform = { ...deps, ...shared, tracing }
  const features = await openFeatures(platform, config)
  const idempotency = createIdempotencyStore(database, clock)
  const cursors = await openPageCursors(database, clock)
  const { server, routes } = await createApp(
    { ...platform, features, cursors, idempotency, access, readiness, sipTrace, logLevel },
    config,
  )
  return new OpenControlApi({ ...deps, ...shared, app: server, routes, features, changes }, config)
}

interface Parts extends ControlApiDeps {
  readonly app: HttpServer
  readonly routes: readonly ListedRoute[]
  readonly database: OpenedDatabase
  readonly consequences: Consequences
  readonly jobs: JobQueue
  readonly recorder: CallRecorder
  readonly journal: CallJournal
  readonly directory: ConfiguredDirectory
  readonly flows: FlowDesk | undefined
  readonly auditor: LedgerAuditor
  readonly mediaStore: OpenMediaStore
  readonly features: readonly Feature[]
  readonly keys: KeyRing
  readonly readiness: ReadinessSwitch
  readonly stopMetrics: () => void
  readonly stopTraces: () => void
  readonly changes: PacedAnnouncements
}

class OpenControlApi implements ControlApi {
  readonly journal: CallJournal
  readonly directory: ConfiguredDirectory
  readonly flows: CallFlows | undefined
  readonly mediaStore: MediaStore
  readonly generatedKey: string | undefined
  readonly #parts: Parts
  readonly #config: ControlApiConfig
  #port: number
  #ending: Promise<void> | undefined
  #draining: Promise<void> | undefined
  #closing: Promise<void> | undefined

  constructor(parts: Parts, config: ControlApiConfig) {
    this.#parts = parts
    this.#config = config
    this.#port = config.httpPort
    this.journal = parts.journal
    this.directory = parts.directory
    this.flows = parts.flows
    this.mediaStore = parts.mediaStore
    this.generatedKey = parts.keys.generatedKey
  }

  get address(): { readonly host: string; readonly port: number } {
    return { host: this.#config.httpHost, port: this.#port }
  }

  async listen(): Promise<void> {
    const { httpHost, httpPort, freePortWhenBusy } = this.#config
    try {
      await this.#listenOn(httpPort)
    } catch (error) {
      const reason = systemCodeOf(error) ?? 'unknown reason'
      if (reason !== 'EADDRINUSE' || freePortWhenBusy !== true) {
        const why = reason === 'EADDRINUSE' ? 'the port is taken' : `it cannot be had (${reason})`
        throw new AppError(
          'CONFIGURATION_INVALID',
          `HTTP_HOST ${httpHost}, HTTP_PORT ${httpPort}: ${why}.`,
          { cause: error },
        )
      }
      this.#parts.logger.warn({ port: httpPort }, 'the HTTP port is taken: a free one is used')
      await this.#listenOn(0)
    }
  }

  replaceNumbers(numbers: readonly NumberRoute[]): void {
    this.directory.replaceNumbers(numbers)
  }

  setReady(state: Readiness): void {
    this.#parts.readiness.set(state)
    // Jobs may dial: not before the gateway is there.
    if (state !== 'ready') return
    this.#parts.jobs.start()
    this.#parts.database.stopNote.begin()
  }

  noteFailure(): void {
    this.#parts.database.stopNote.say('crashed')
  }

  async drainCalls(deadline: Milliseconds): Promise<void> {
    const { features } = this.#parts
    await Promise.all(features.map(async (feature) => feature.drainCalls?.(deadline)))
  }

  endCalls(): Promise<void> {
    this.#ending ??= runAll(this.#parts.features.map((feature) => () => feature.endCalls?.()))
    return this.#ending
  }

  describe(): object {
    return this.#parts.app.swagger()
  }

  routes(): readonly ListedRoute[] {
    return this.#parts.routes
  }

  onFailure(listener: (reason: string) => void): void {
    this.#parts.database.onLost(listener)
  }

  /** No new connections; what runs may finish; every record heard of so far is written. */
  drain(deadline: Milliseconds): Promise<void> {
    this.#draining ??= this.#drain(deadline)
    return this.#draining
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #listenOn(port: number): Promise<void> {
    const { app } = this.#parts
    await app.listen({ host: this.#config.httpHost, port })
    const address = app.server.address()
    if (typeof address === 'object' && address !== null) this.#port = address.port
  }

  async #drain(deadline: Milliseconds): Promise<void> {
    const { app, logger, recorder, auditor, readiness, jobs, features } = this.#parts
    readiness.set('draining')
    const until = performance.now() + deadline
    const jobsEnd = jobs.drain(deadline)
    try {
      await waitFor(app.close(), { name: 'the HTTP requests that run', timeout: deadline })
    } catch (error) {
      logger.warn({ err: error }, 'HTTP requests were cut off')
      app.server.closeAllConnections()
    }
    await Promise.all([jobsEnd, ...features.map(async (feature) => feature.drain?.(deadline))])
    const left = ms(Math.max(100, until - performance.now()))
    await recorder.drain(left)
    await auditor.drain(left)
  }

  async #close(): Promise<void> {
    const { recorder, auditor, database, jobs, features, flows, changes } = this.#parts
    const { mediaStore, stopMetrics, stopTraces } = this.#parts
    // Audits read the database, and the recorder feeds them: so the database goes last.
    await runAll([
      () => this.endCalls(),
      () => this.drain(HTTP_CLOSE_TIMEOUT),
      () => jobs.close(),
      () => closeFeatures(features),
      () => flows?.close(),
      () => recorder.close(),
      // What the recorder just wrote; a database that did not answer it will not answer audits either.
      () => auditor.drain(LAST_AUDITS_TIMEOUT),
      stopMetrics,
      stopTraces,
      () => changes.close(),
      () => mediaStore.close(),
      () => database.close(),
    ])
  }
}
