// How the simulated Voximplant is started, and what its owner can do with it.
import type { Clock } from '#core/time'
import type { PhoneScript, SessionFaults } from './engine/session-plan.ts'
import type { Fault, FaultOptions } from './faults.ts'
import type { HistoryOrder } from './history-commands.ts'
import type { HistoryRecord, HistorySession } from './history-session.ts'
import type { RequestRecord } from './request-log.ts'
import type { ServiceAccountKey } from './service-token.ts'
import type { SimulatedSession } from './simulated-session.ts'

export interface VoximplantOptions {
  /** Default 127.0.0.1; nothing but loopback makes sense. */
  readonly host?: string | undefined
  /** Default 0: any free one. */
  readonly port?: number | undefined
  /** With it, everything is https: the vendor's own client can do nothing else. */
  readonly tls?: { readonly key: string | Buffer; readonly cert: string | Buffer } | undefined
  readonly clock?: Clock | undefined
  readonly accountId?: number | undefined
  /** The legacy key, which may do everything. */
  readonly apiKey?: string | undefined
  /** Default USD. */
  readonly currency?: string | undefined
  /** Default 100; finished sessions are paid from it. At 0 and below none can be started (127). */
  readonly balance?: number | undefined
  /** The account's: used when a request names none. Default Europe/Berlin. */
  readonly timeZone?: string | undefined
  /** Where the agent's WebSocket is. Default: the engine's own stub of an agent. */
  readonly agentWsUrl?: string | undefined
  /** What a phone does that is called, or calls. Default: it answers and stays. */
  readonly phones?: ((number: string) => PhoneScript) | undefined
  /** By what all durations of the engine are multiplied. Default 1: real time. */
  readonly pace?: number | undefined
  /** Where the HTTP requests of scenarios go in truth. Default: where they say. */
  readonly reach?: ((url: string) => string) | undefined
  /** Of applications that do not say. Default false. */
  readonly secureRecords?: boolean | undefined
  /** Beyond: 429. Default: any number. */
  readonly requestsPerSecond?: number | undefined
  /** So long after its end a session shows in the history. Default 0. */
  readonly historyDelayMs?: number | undefined
  /** A longer range is refused with 569. Default: any. */
  readonly mostHistoryDays?: number | undefined
  /** Not known of the vendor: HTTP status of an error in the body. Default 200. */
  readonly errorHttpStatus?: number | undefined
  /** Not known of the vendor: whether the history names its zone. Default true. */
  readonly echoTimezone?: boolean | undefined
  /** Not known of the vendor: the history's order without `desc_order`. Default asc. */
  readonly sort?: HistoryOrder | undefined
}

export interface NewNumber {
  /** With or without a plus sign. */
  readonly phone_number: string
  readonly application_id?: number | undefined
  readonly rule_id?: number | undefined
  /** A test number, which is never a caller ID. Default false. */
  readonly sandbox?: boolean | undefined
  /** Default true. */
  readonly can_be_used?: boolean | undefined
  /** Default false. */
  readonly deactivated?: boolean | undefined
  /** Default DE. */
  readonly country_code?: string | undefined
}

export interface NewRule {
  readonly application_id: number
  readonly rule_name: string
  /** Default `.*`. */
  readonly rule_pattern?: string | undefined
  readonly rule_pattern_exclude?: string | undefined
  readonly scenario_ids?: readonly number[] | undefined
}

export interface NewScenario {
  readonly scenario_name: string
  readonly scenario_script?: string | undefined
  /** Default: of the account. */
  readonly application_id?: number | undefined
}

export interface AddedRecording {
  /** Only with the account's keys. Default: as `secureRecords` says. */
  readonly secure?: boolean | undefined
  /** Of every recording. Default: silence as long as the recording. */
  readonly sound?: Buffer | undefined
}

export interface VoximplantSimulator {
  /** http://127.0.0.1:port, or https. */
  readonly baseUrl: string
  readonly accountId: number
  readonly accountName: string
  readonly apiKey: string
  readonly serviceAccountKey: ServiceAccountKey
  /** Every request that was understood, the newest last; the last 20,000. */
  readonly requests: readonly RequestRecord[]
  /** All of them, the newest last; the last 1,000. */
  readonly sessions: readonly SimulatedSession[]
  balance: number
  addApplication(application: { readonly name: string; readonly secure?: boolean | undefined }): {
    readonly application_id: number
    readonly application_name: string
  }
  addNumber(number: NewNumber): { readonly phone_id: number }
  addRule(rule: NewRule): { readonly rule_id: number }
  addScenario(scenario: NewScenario): { readonly scenario_id: number }
  /** What the scenario is now. */
  scriptOf(scenarioId: number): string
  /** Name and value. */
  secrets(applicationId: number): ReadonlyMap<string, string>
  /** Finished sessions, dates in UTC; one that is known already is replaced. 100,000 and more are fine. */
  addHistory(sessions: Iterable<HistorySession>, recordings?: AddedRecording): void
  removeHistory(sessionId: number): void
  /** A recording that comes late. */
  addRecord(sessionId: number, record: HistoryRecord, recording?: AddedRecording): void
  /** Somebody calls a number of ours; `from` and `to` with or without a plus sign. */
  callIn(call: {
    readonly from: string
    readonly to: string
    /** Default: as `phones` says of `from`. */
    readonly phone?: PhoneScript | undefined
  }): SimulatedSession
  /** Faults of the engine, of all sessions that start from now on. */
  faultSessions(faults: SessionFaults): void
  /** The next requests go wrong. */
  fail(fault: Fault, options?: FaultOptions): void
  /** The service account may not any more: 104, or 100. */
  forbid(command: string, code?: 100 | 104): void
  allow(command: string): void
  /** Called when a page of the history was made, before it is sent: what is changed then is changed for the next page. */
  whilePaging(hook: (offset: number, count: number) => void): void
  /** @throws AppError `TIMED_OUT` */
  waitForSession(
    which: number | ((session: SimulatedSession) => boolean),
    timeoutMs?: number,
  ): Promise<SimulatedSession>
  close(): Promise<void>
}
