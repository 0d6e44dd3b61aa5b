// What the whole node says of Voximplant; accounts and applications stand in the database.
import type { CallTiming } from './calls/call-timing.ts'
import type { CallDataTiming } from './open-call-data.ts'
import type { RestTiming } from './vendor/vendor-requests.ts'

export interface VoximplantConfig {
  /** `https://api.voximplant.com` */
  readonly baseUrl: string
  /** Other than CALL_TIMING, in tests. */
  readonly callTiming?: Partial<CallTiming> | undefined
  /** Other than REST_TIMING, in tests and benches. */
  readonly restTiming?: Partial<RestTiming> | undefined
  /** The same of what is read behind the calls. */
  readonly dataTiming?: CallDataTiming | undefined
  /** Of the simulated one, shown to whoever rehearses. */
  readonly rehearsalAccount?: RehearsalAccount | undefined
}

export interface RehearsalAccount {
  readonly accountId: string
  readonly apiKey: string
  /** Calls that the simulated numbers take, for somebody who looks for one to dial. */
  readonly phoneNumber: string
}
