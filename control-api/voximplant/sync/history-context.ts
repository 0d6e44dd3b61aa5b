// What the rows of a session are made with, beside the session: its application, the money of its account, how long we keep
// what is said and heard.
import type { Clock } from '#core/time'
import type { RetentionDays } from '../../privacy/retention.ts'
import type { AccountRow } from '../accounts/account-store.ts'
import type { ApplicationRow, ApplicationStore } from '../applications/application-store.ts'
import { decodeScenarioOptions } from '../applications/scenario-options.ts'
import { callIdOfGoodToken } from '../calls/call-token.ts'
import { decodeCustomData } from './custom-data.ts'
import type { HistoryContext } from './history-writer.ts'

export interface HistoryContextDeps {
  readonly applications: Pick<ApplicationStore, 'secretsOf'>
  readonly clock: Pick<Clock, 'now'>
  readonly agentPricePerMinute: number
  readonly retentionDays: RetentionDays
}

/** @throws AppError `SECRETS_KEY_MISSING` */
export type ContextOf = (application: ApplicationRow, account: AccountRow) => HistoryContext

const DAY_MS = 86_400_000

export const createContextOf =
  (deps: HistoryContextDeps): ContextOf =>
  (application, account) => {
    const { signingKey } = deps.applications.secretsOf(application)
    const { audio, transcripts } = deps.retentionDays
    const { recording } = decodeScenarioOptions(application.options)
    return {
      application,
      vendorAccountId: account.vendor_account_id,
      currency: account.currency,
      agentPricePerMinute: deps.agentPricePerMinute,
      isAudioWanted: recording !== 'off',
      isConsentNeeded: recording === 'consent',
      // What the next clean-up would delete again is not fetched.
      isKept(what, startedAt) {
        const days = what === 'audio' ? audio : transcripts
        return startedAt > deps.clock.now() - days * DAY_MS
      },
      callIdOf({ customData }) {
        const { token } = decodeCustomData(customData)
        return token === null ? undefined : callIdOfGoodToken(signingKey, token)
      },
    }
  }
