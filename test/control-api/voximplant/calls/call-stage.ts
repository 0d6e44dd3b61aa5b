// A control API whose application at a simulated Voximplant has nothing to run: the test plays its scenario.
import { createHmac } from 'node:crypto'
import { openDatabase } from '../../../../control-api/db/database.ts'
import { openVault } from '../../../../control-api/secrets/vault.ts'
import {
  createAccountStore,
  newAccountId,
} from '../../../../control-api/voximplant/accounts/account-store.ts'
import {
  createApplicationStore,
  newApplicationId,
  type ApplicationRow,
} from '../../../../control-api/voximplant/applications/application-store.ts'
import { SCENARIO_OPTIONS } from '../../../../control-api/voximplant/applications/scenario-options.ts'
import type { CallTiming } from '../../../../control-api/voximplant/calls/call-timing.ts'
import type { ControlApiConfig } from '../../../../control-api/index.ts'
import type { CallEvent, CallId } from '../../../../core/contracts/index.ts'
import { createLogger } from '../../../../core/telemetry/index.ts'
import {
  startVoximplant,
  type SimulatedSession,
  type VoximplantOptions,
  type VoximplantSimulator,
} from '../../../../simulators/voximplant/index.ts'
import {
  buildApp,
  eventually,
  freshDataDir,
  json,
  type AppOwner,
  type BuiltApp,
} from '../../../support/build-app.ts'
import { aMessage, type MessageFields } from './a-message.ts'

export const KEY = 'f'.repeat(64)
export const NUMBER = '+4930555100'
export const CALLEE = '+4930123456'

/** A call placed by it reaches nobody: it waits. */
export const IDLE = '/* a scenario that the test plays */'

export interface Shop {
  readonly applicationId: string
  readonly vendorId: number
  readonly ruleId: number
  readonly scenarioId: number
}

export interface CallStage extends BuiltApp {
  readonly vendor: VoximplantSimulator
  readonly shop: Shop
  readonly told: readonly CallEvent[]
  story(callId: string): readonly string[]
  find<T = View>(path: string): Promise<T>
  /** Places one, and says what was answered. */
  start(fields?: object, headers?: Record<string, string>): Promise<{ status: number; body: View }>
  /** The session that the last StartScenarios began. */
  session(): SimulatedSession
  /** Its token. */
  token(): string
  /** As the scenario of the session would. */
  exchange(
    session: Pick<SimulatedSession, 'sessionId' | 'customData'>,
    fields?: object,
  ): Promise<{ status: number; body: View }>
  tell(fields: MessageFields, options?: TellOptions): Promise<number>
  calls(): Promise<readonly View[]>
  call(callId: string): Promise<View>
  /** How often Voximplant was asked to start one. */
  starts(): number
}

export interface TellOptions {
  readonly key?: string
  readonly at?: number
  readonly application?: string
  readonly body?: string
}

/** What REST answers, as far as tests read it; what they only compare has any name. */
export interface View {
  readonly call_id: CallId
  readonly status: string
  readonly created_at: string
  readonly answered_at: string
  readonly ended_at: string
  readonly agent: { readonly conversation_id: string | null }
  readonly items: readonly View[]
  readonly type: string
  readonly code: string
  readonly detail: string
  readonly [name: string]: unknown
}

/** What its scenario is made of. */
type Described = Pick<
  ApplicationRow,
  'application_id' | 'elevenlabs_agent_id' | 'phone_number' | 'options'
>

export interface CallStageOptions {
  readonly vendor?: VoximplantOptions
  readonly application?: Partial<ApplicationRow>
  readonly config?: Partial<ControlApiConfig>
  readonly timing?: Partial<CallTiming>
  /** Of this application, when it is none of ours alone. */
  readonly scenario?: string | ((row: Described) => string)
  /** A vendor that runs already, and an empty folder. */
  readonly running?: { readonly vendor: VoximplantSimulator; readonly dataDir: string }
  /** Of an earlier stage, to start again beside the same vendor. */
  readonly before?: Pick<CallStage, 'vendor' | 'shop' | 'dataDir'>
  readonly account?: { readonly isActive?: boolean; readonly currency?: string | null }
}

export async function aCallStage(t: AppOwner, options: CallStageOptions = {}): Promise<CallStage> {
  const { before, running = before } = options
  const vendor = running?.vendor ?? (await startVoximplant(options.vendor ?? {}))
  if (!running) t.teardown(() => vendor.close())
  const dataDir = running?.dataDir ?? (await freshDataDir(t))
  const shop = before?.shop ?? (await openShop(vendor, dataDir, options))
  const app = await buildApp(t, {
    dataDir,
    config: {
      voximplant: {
        baseUrl: vendor.baseUrl,
        callTiming: { everyMs: 20, ...options.timing },
      },
      ...options.config,
    },
  })
  return stageOf(app, vendor, shop)
}

function stageOf(app: BuiltApp, vendor: VoximplantSimulator, shop: Shop): CallStage {
  const told: CallEvent[] = []
  app.events.subscribe((event) => told.push(event))
  const read = async (response: Response) => ({
    status: response.status,
    body: (await response.json().catch(() => undefined)) as View,
  })
  const find = async <T = View>(path: string): Promise<T> =>
    (await (await app.request(path)).json()) as T
  const session = (): SimulatedSession => {
    const last = vendor.sessions.at(-1)
    if (!last) throw new Error('no session was started')
    return last
  }
  const token = (): string => (JSON.parse(session().customData) as { t: string }).t
  return {
    ...app,
    ...{ vendor, shop, told, find, session, token },
    story: (callId) => told.filter((event) => event.callId === callId).map(({ type }) => type),
    start: async (fields = {}, headers = {}) =>
      read(
        await app.request(
          '/api/calls/start',
          json(
            {
              provider: 'voximplant',
              application_id: shop.applicationId,
              phone_number: CALLEE,
              ...fields,
            },
            headers,
          ),
        ),
      ),
    exchange: async (of, fields = {}) =>
      read(
        await send(app, `/token?application=${shop.applicationId}`, {
          body: JSON.stringify({
            token: (JSON.parse(of.customData) as { t: string }).t,
            session_id: String(of.sessionId),
            sent_at: Date.now(),
            ...fields,
          }),
        }),
      ),
    tell: async (fields, options = {}) => {
      const body = options.body ?? JSON.stringify(aMessage(fields))
      const { application = shop.applicationId } = options
      const response = await send(app, `?application=${application}`, { ...options, body })
      await response.arrayBuffer()
      return response.status
    },
    calls: async () => (await find<{ items: readonly View[] }>('/api/calls')).items,
    call: (callId) => find(`/api/calls/${callId}`),
    starts: () => vendor.requests.filter(({ command }) => command === 'StartScenarios').length,
  }
}

function send(
  app: BuiltApp,
  path: string,
  { key = KEY, at = Date.now(), body }: TellOptions & { readonly body: string },
): Promise<Response> {
  const timestamp = String(Math.floor(at / 1000))
  const mac = createHmac('sha256', key).update(`${timestamp}.${body}`).digest('hex')
  return app.request(`/api/webhook/voximplant${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-timestamp': timestamp,
      'x-signature': `v1=${mac}`,
    },
    body,
  })
}

/** As accounts and applications are kept, before the control API is opened on them. */
async function openShop(
  vendor: VoximplantSimulator,
  dataDir: string,
  {
    application = {},
    scenario = IDLE,
    account: { isActive = true, currency = null } = {},
  }: CallStageOptions,
): Promise<Shop> {
  const applicationId = newApplicationId()
  const described = {
    application_id: applicationId,
    phone_number: NUMBER,
    elevenlabs_agent_id: 'agent_shop',
    options: JSON.stringify(SCENARIO_OPTIONS),
    ...application,
  }
  const { application_id: vendorId } = vendor.addApplication({ name: 'shop' })
  const { scenario_id: scenarioId } = vendor.addScenario({
    scenario_name: 'shop',
    scenario_script: typeof scenario === 'string' ? scenario : scenario(described),
    application_id: vendorId,
  })
  const { rule_id: ruleId } = vendor.addRule({
    application_id: vendorId,
    rule_name: 'all',
    scenario_ids: [scenarioId],
  })
  vendor.addNumber({ phone_number: NUMBER, application_id: vendorId, rule_id: ruleId })
  const database = await openDatabase(createLogger('silent'), { dataDir })
  const vault = await openVault(database, { keys: [], makeKeyIn: dataDir })
  const now = Date.now()
  const stamps = { created_by: 'test', created_at: now, updated_at: now }
  const accountId = newAccountId()
  await database.write([
    createAccountStore(database, vault).added(
      {
        account_id: accountId,
        account_name: 'Main',
        vendor_account_id: String(vendor.accountId),
        is_active: isActive ? 1 : 0,
        vendor_name: null,
        balance: null,
        currency,
        permissions: null,
        tested_at: null,
        ...stamps,
      },
      { kind: 'api_key', apiKey: vendor.apiKey },
    ),
    createApplicationStore(database, vault).added(
      {
        account_id: accountId,
        application_name: 'Shop',
        vendor_application_id: String(vendorId),
        vendor_application_name: 'shop',
        rule_id: String(ruleId),
        rule_name: 'all',
        scenario_id: String(scenarioId),
        pushed_sha256: 'a'.repeat(64),
        pushed_at: now,
        swept_until: null,
        ...stamps,
        ...described,
      },
      { elevenlabsApiKey: null, signingKey: KEY },
    ),
  ])
  await database.close()
  return { applicationId, vendorId, ruleId, scenarioId }
}

export const ended = (stage: CallStage, callId: string): Promise<void> =>
  eventually('the call ends', async () => (await stage.call(callId)).status === 'ended')
