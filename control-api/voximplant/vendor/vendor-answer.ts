// What the Management API answers, as the rest of us sees it, and what is asked of it. `client.ts` alone speaks it.
import type { AppError } from '#core/errors'

export type VendorAnswer<T> =
  | { readonly kind: 'ok'; readonly value: T }
  /** Asking again would not help: the key, the money, what was asked, or what came. `code`: the vendor's own number. */
  | { readonly kind: 'refused'; readonly code: number | null; readonly error: AppError }
  /** Nothing was done, and asking again may help: 429, 5xx, no connection; reads were tried several times already. */
  | { readonly kind: 'failed'; readonly error: AppError }
  /** Of what is not asked twice: it may have been done, nobody knows. */
  | { readonly kind: 'unknown'; readonly error: AppError }

/** The key of a service account, as it is downloaded there. */
export interface ServiceAccountKey {
  readonly account_email: string
  readonly account_id: number | string
  readonly key_id: string
  /** RSA, PEM. */
  readonly private_key: string
}

export type Credential =
  | { readonly kind: 'api_key'; readonly apiKey: string }
  | { readonly kind: 'service_account'; readonly key: ServiceAccountKey }

/** Whom a client speaks for. */
export interface VendorAccess {
  /** Digits. */
  readonly vendorAccountId: string
  readonly credential: Credential
}

export interface AccountInfo {
  readonly vendorAccountId: string
  readonly name: string
  readonly email: string | null
  readonly isActive: boolean
  readonly isFrozen: boolean
  /** Null where the key may not see it. */
  readonly balance: number | null
  readonly currency: string | null
}

export interface VendorApplication {
  readonly applicationId: string
  /** `app.account.voximplant.com` */
  readonly name: string
  readonly hasSecureRecords: boolean
}

export interface VendorRule {
  readonly ruleId: string
  readonly name: string
  readonly pattern: string
  readonly scenarios: readonly { readonly scenarioId: string; readonly name: string }[]
}

export interface VendorScenario {
  readonly scenarioId: string
  readonly name: string
  /** Null unless it was asked for. */
  readonly code: string | null
}

export interface VendorNumber {
  /** E.164 with its plus. */
  readonly number: string
  readonly applicationId: string | null
  readonly ruleId: string | null
  readonly isUsable: boolean
}

/** Of one leg of a session. Times are epoch milliseconds. */
export interface HistoryLeg {
  readonly startedAt: number
  readonly durationSeconds: number | null
  readonly localNumber: string | null
  readonly remoteNumber: string | null
  readonly isIncoming: boolean
  readonly isSuccessful: boolean
  readonly endReason: string | null
  readonly cost: number
}

export interface HistoryRecord {
  readonly recordId: string
  readonly startedAt: number | null
  readonly durationSeconds: number | null
  readonly url: string | null
  readonly cost: number
}

export interface HistorySession {
  readonly sessionId: string
  readonly applicationId: string | null
  readonly ruleName: string | null
  readonly startedAt: number
  readonly durationSeconds: number | null
  readonly finishReason: string | null
  readonly customData: string | null
  readonly legs: readonly HistoryLeg[]
  readonly records: readonly HistoryRecord[]
  /** Of legs, records and everything else, in the account's currency. */
  readonly cost: number
}

export interface HistoryQuery {
  readonly applicationId?: string
  /** Inclusive, epoch milliseconds; the vendor counts in whole seconds. */
  readonly from?: number
  /** Inclusive as the vendor reads it. */
  readonly to?: number
  readonly sessionIds?: readonly string[]
  readonly customData?: string
  /** At most 1000. */
  readonly count?: number
  /** At most 10000. */
  readonly offset?: number
}

export interface HistoryPage {
  readonly sessions: readonly HistorySession[]
  /** How many rows came that could not be read. */
  readonly unreadable: number
  /** Of the whole range; null when the vendor did not say. */
  readonly total: number | null
}

export interface StartedScenario {
  readonly sessionId: string
  /** Where the live session takes requests: a secret. */
  readonly controlUrl: string | null
}

/** One account of the Management API: rate-limited, metered; reads are repeated with back-off, nothing else is. */
export interface VoximplantRest {
  accountInfo(signal?: AbortSignal): Promise<VendorAnswer<AccountInfo>>
  applications(signal?: AbortSignal): Promise<VendorAnswer<readonly VendorApplication[]>>
  rules(applicationId: string, signal?: AbortSignal): Promise<VendorAnswer<readonly VendorRule[]>>
  scenarios(
    filter?: { readonly name?: string; readonly applicationId?: string },
    signal?: AbortSignal,
  ): Promise<VendorAnswer<readonly VendorScenario[]>>
  /** With its code; undefined: there is none. */
  scenario(
    scenarioId: string,
    signal?: AbortSignal,
  ): Promise<VendorAnswer<VendorScenario | undefined>>
  phoneNumbers(
    applicationId?: string,
    signal?: AbortSignal,
  ): Promise<VendorAnswer<readonly VendorNumber[]>>
  history(query: HistoryQuery, signal?: AbortSignal): Promise<VendorAnswer<HistoryPage>>
  addScenario(scenario: {
    readonly name: string
    readonly code: string
    readonly applicationId: string
  }): Promise<VendorAnswer<{ readonly scenarioId: string }>>
  changeScenario(scenarioId: string, code: string): Promise<VendorAnswer<undefined>>
  addRule(rule: {
    readonly applicationId: string
    readonly name: string
    readonly pattern: string
    readonly scenarioId: string
  }): Promise<VendorAnswer<{ readonly ruleId: string }>>
  bindScenario(binding: {
    readonly applicationId: string
    readonly ruleId: string
    readonly scenarioId: string
    readonly isBound: boolean
  }): Promise<VendorAnswer<undefined>>
  /** Adds it, or gives it this value. */
  setSecret(secret: {
    readonly applicationId: string
    readonly name: string
    readonly value: string
  }): Promise<VendorAnswer<undefined>>
  /** Once, whatever comes of it. @param customData at most 200 bytes */
  startScenarios(ruleId: string, customData: string): Promise<VendorAnswer<StartedScenario>>
  /** The recording, into a file that is not there yet. `refused` with `NOT_FOUND`: there is none, or none any more. */
  recording(
    url: string,
    path: string,
    signal?: AbortSignal,
  ): Promise<VendorAnswer<{ readonly bytes: number }>>
  deleteRecord(recordUrl: string): Promise<VendorAnswer<undefined>>
  /** Whether an address is on a host of the vendor. */
  isOfVendor(address: string): boolean
}
