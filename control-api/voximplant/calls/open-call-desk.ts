// The live calls of Voximplant: everything about them, opened and closed as one.
import type { CallId, Milliseconds } from '#core/contracts'
import { createKeyedTurns, waitUntil } from '#core/lifecycle'
import { inBackground } from '#core/telemetry'
import type { Platform } from '../../features.ts'
import type { HttpServer } from '../../http-server.ts'
import { voximplantWebhookRoutes } from '../../routes/voximplant/webhook-routes.ts'
import type { AccountStore } from '../accounts/account-store.ts'
import type { ApplicationStore } from '../applications/application-store.ts'
import type { VoximplantClients } from '../vendor/clients.ts'
import type { HistorySession } from '../vendor/vendor-answer.ts'
import type { VoximplantConfig } from '../voximplant-config.ts'
import { adoptCalls } from './adopt-calls.ts'
import { createVendorCallStore } from './call-store.ts'
import { CALL_TIMING } from './call-timing.ts'
import { KnownApplications } from './known-applications.ts'
import { LookUp } from './look-up.ts'
import { createSessionDoor } from './session-door.ts'
import { settleFromHistory, type SettleResult } from './settle.ts'
import { VoximplantBook } from './voximplant-book.ts'
import { createVoximplantControl } from './voximplant-control.ts'
import type { LiveDesk } from './live-desk.ts'

export interface CallDeskParts {
  readonly config: VoximplantConfig
  readonly accounts: Pick<AccountStore, 'find'>
  readonly applications: Pick<ApplicationStore, 'find' | 'secretsOf'>
  readonly clients: VoximplantClients
  /** Told when the record of a call is closed. */
  readonly onEnded?: (callId: CallId) => void
}

export interface CallDesk {
  routes(app: HttpServer): void
  /** Ends a call that is live here and over there, by what the history says. */
  settleFromHistory(callId: CallId, session: HistorySession): Promise<SettleResult>
  /** Refuses new ones and waits for those that there are, so that their last words find somebody. */
  drainCalls(deadline: Milliseconds): Promise<void>
  close(): Promise<void>
}

/** With the calls that an earlier run had. From now on `provider: "voximplant"` is possible. */
export async function openCallDesk(platform: Platform, parts: CallDeskParts): Promise<CallDesk> {
  const desk = createDesk(platform, parts)
  platform.recorder.onRecorded(({ type, callId }) => {
    const call = type === 'call.ended' ? desk.book.find(callId) : undefined
    if (call) inBackground(call.close(), call.logger, 'closing a call of Voximplant')
  })
  await adoptCalls(desk)
  platform.providers.register('voximplant', createVoximplantControl(desk))
  const lookUp = new LookUp(desk)
  return {
    routes: (app) => {
      voximplantWebhookRoutes(app, desk)
    },
    settleFromHistory: (callId, session) => settleFromHistory(desk, callId, session),
    // Those that are left are not hung up, whoever placed them: phone and agent talk without us, and the next start goes
    // on with their records. One whose scenario has not asked yet whom to call finds nobody to ask, and calls nobody.
    async drainCalls(deadline) {
      desk.isDraining = true
      await waitUntil(() => desk.book.size === 0, deadline)
    },
    close() {
      desk.isDraining = true
      lookUp.close()
      desk.door.close()
      return Promise.resolve()
    },
  }
}

function createDesk(
  platform: Platform,
  { config, accounts, applications, clients, onEnded = () => undefined }: CallDeskParts,
): LiveDesk {
  const { logger, clock, events, metrics, database, journal, directory, calls } = platform
  const { recorder, callControl } = platform
  const timing = { ...CALL_TIMING, ...config.callTiming }
  return {
    ...{ logger, clock, events, metrics, journal, directory, calls, recorder, callControl },
    ...{ timing, clients },
    book: new VoximplantBook(onEnded),
    store: createVendorCallStore(database),
    applications: new KnownApplications({ clock, accounts, applications }),
    door: createSessionDoor(config.baseUrl, timing),
    turns: createKeyedTurns(),
    isDraining: false,
  }
}
