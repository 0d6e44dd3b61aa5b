// A running rehearsal with something on every page: calls of two months and orders that were named on them, calls just
// made, keys of each role, webhooks that are taken and that are not, an erasure. One serves a whole file of walks.
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { startVoicegate, type Outside, type Voicegate } from '../../../main.ts'
import { compileConfig, type Config } from '../../../core/config/index.ts'
import type { CallId, Trunk } from '../../../core/contracts/index.ts'
import { decodePhoneNumber } from '../../../core/phone-numbers/index.ts'
import { createLogger } from '../../../core/telemetry/index.ts'
import {
  DIALLED_BEHAVIOURS,
  startCarrier,
  type Carrier,
} from '../../../simulators/carrier/index.ts'
import { startElevenLabs, type ElevenLabsSimulator } from '../../../simulators/elevenlabs/index.ts'
import { eventually, freeUdpPort, temporaryFolder } from '../process.ts'
import { ProductView } from '../product-view.ts'
import { WebhookReceiver } from '../webhook-receiver.ts'
import { PAST_AGENTS, recordPast } from './past-calls.ts'
import { recordPastOrders } from './past-orders.ts'
import type { Scope } from './scope.ts'
import { NO_MENU_CALLS, recordMenuCalls, type MenuCalls } from './seeded-menu.ts'
import {
  DEFAULT_AGENT,
  placeLiveCall,
  SHORT_AGENT,
  SHORTEST_AGENT,
  SHORTEST_AGENT_ID,
  stageCalls,
  type Stage,
  type StagedCalls,
} from './staged-calls.ts'

export interface SeedOptions {
  /** Folder of a built console, other than our own. */
  readonly console?: string
  /** Of the past; 300. */
  readonly calls?: number
  /** With an API_KEY: nobody gets in without signing in. Otherwise nobody needs to, as in every rehearsal. */
  readonly signIn?: boolean
  /** With calls that were in the menu (seeded-menu.ts). */
  readonly menu?: boolean
  /** None: only those of the past, and the system is there in a second. */
  readonly staged?: boolean
  /** 0: any free one. */
  readonly port?: number
  /** As one would write them in the environment. */
  readonly settings?: Readonly<Record<string, string>>
  /** A simulated Voximplant whose sessions talk with the agent there. */
  readonly voximplant?: (agentWsUrl: string) => Promise<Outside['voximplant']>
  /** Simulated providers of animations; none otherwise. */
  readonly media?: Outside['media']
}

export interface SeededSystem {
  readonly url: string
  readonly voicegate: Voicegate
  readonly carrier: Carrier
  readonly agent: ElevenLabsSimulator
  readonly keys: Readonly<Record<'admin' | 'operator' | 'viewer' | 'metrics', string>>
  /** Ids of the calls just made; empty texts without `staged`. */
  readonly calls: StagedCalls
  /** Empty texts without `menu`. */
  readonly menuCalls: MenuCalls
  /** Of the past. */
  readonly past: readonly CallId[]
  readonly webhooks: SeededWebhooks
  /** With the administrator's key. */
  api(path: string, init?: RequestInit): Promise<Response>
  readonly control: {
    /** A call that talks on for a minute or two; resolves when it is answered. */
    secondCall(): Promise<string>
    hangUp(callId: string): Promise<void>
  }
}

export interface SeededWebhooks {
  /** Ids of endpoints: one takes everything, one answers 500, and some of its deliveries were given up. */
  readonly taken: string
  readonly failing: string
}

const PAST_CALLS = 300
const OWN_NUMBER = '+4930555100'
/** As in a rehearsal: the last two digits pick what happens. */
const DEMO_PREFIX = '+49302312500'
const SIGN_IN_KEY = 'the-administrator-key-of-the-seeded-system'
const NO_CALLS: StagedCalls = {
  answered: '',
  busy: '',
  noAnswer: '',
  inbound: '',
  operator: '',
  keys: '',
}
const WAIT_MS = 10_000
const GIVEN_UP = 3

export async function openSeededSystem(t: Scope, options: SeedOptions = {}): Promise<SeededSystem> {
  const config = configOf(temporaryFolder(t, 'seeded'), options)
  const past = await recordPast(config.dataDir, {
    count: options.calls ?? PAST_CALLS,
    now: Date.now(),
  })
  await recordPastOrders(config.dataDir)
  const menuCalls =
    options.menu === true ? await recordMenuCalls(config.dataDir, Date.now()) : NO_MENU_CALLS
  const carrier = await startCarrier()
  t.teardown(() => carrier.close())
  const agent = await startElevenLabs()
  t.teardown(() => agent.close())
  for (const id of PAST_AGENTS)
    agent.script(id, id === SHORTEST_AGENT_ID ? SHORTEST_AGENT : SHORT_AGENT)
  const receiver = await WebhookReceiver.listen(t)
  receiver.answer = ({ path }) => (path === '/taken' ? 200 : 500)
  const others = await openOtherCarrier(t)
  const outside = {
    ...outsideOf(carrier, agent),
    voximplant: await options.voximplant?.(agent.wsUrl),
    media: options.media,
  }
  const voicegate = await startVoicegate(config, {
    logger: createLogger(config.logLevel),
    ...(options.console === undefined ? {} : { consoleDirectory: options.console }),
    outside: { ...outside, trunks: [...outside.trunks, ...others] },
  })
  t.teardown(() => voicegate.stop(0))
  const { host, port } = voicegate.api.address
  const url = `http://${host}:${port}`
  const view = new ProductView(url, options.signIn === true ? SIGN_IN_KEY : undefined)
  const keys = await makeKeys(view)
  const asAdmin = new ProductView(url, keys.admin)
  const webhooks = await makeWebhooks(asAdmin, receiver)
  await eraseOne(asAdmin)
  const sipUri = voicegate.howTo().sipUri.replace(/^sip:[^@]*/, `sip:${OWN_NUMBER}`)
  const stage: Stage = { carrier, view: asAdmin, sipUri }
  const calls = options.staged === false ? NO_CALLS : await stageCalls(stage)
  if (options.staged !== false) await giveUpSome(config, asAdmin, webhooks.failing)
  return {
    url,
    voicegate,
    carrier,
    agent,
    keys,
    calls,
    menuCalls,
    past,
    webhooks,
    api: (path, init) => asAdmin.request(path, init),
    control: {
      secondCall: () => placeLiveCall(stage),
      async hangUp(callId) {
        await asAdmin.hangUp(callId)
        await asAdmin.ended(callId)
      },
    },
  }
}

function configOf(dataDir: string, options: SeedOptions): Config {
  const { signIn, port = 0, settings } = options
  const compiled = compileConfig(
    {
      HTTP_PORT: String(port),
      SIP_LISTEN: 'udp:127.0.0.1:0',
      DATA_DIR: dataDir,
      MAX_OUTBOUND_CALLS_PER_SECOND: '100',
      LOG_LEVEL: 'silent',
      ...(signIn === true ? { API_KEY: SIGN_IN_KEY } : {}),
      ...settings,
    },
    {},
  )
  if (!('config' in compiled))
    throw new Error(compiled.problems.map(({ name, problem }) => `${name} ${problem}`).join('\n'))
  return compiled.config
}

function outsideOf(carrier: Carrier, agent: ElevenLabsSimulator): Outside {
  const { host, port } = carrier.address
  const number = decodePhoneNumber(OWN_NUMBER)
  return {
    trunks: [{ name: 'rehearsal', domain: `${host}:${port}`, numbers: number ? [number] : [] }],
    agent: {
      apiKey: undefined,
      recordsKey: 'rehearsal',
      agentId: DEFAULT_AGENT,
      restUrl: agent.restUrl,
      wsUrl: agent.wsUrl,
    },
    demoNumbers: [
      { number: `${DEMO_PREFIX}00`, what: 'answers and talks' },
      ...DIALLED_BEHAVIOURS.map(({ lastDigits, meaning }) => {
        return { number: `${DEMO_PREFIX}${lastDigits}`, what: meaning }
      }),
    ],
    carrierIsLocal: true,
    close: () => Promise.resolve(), // The scope's own.
  }
}

/** Trunks that nobody dials: one that is registered, one that cannot be reached. */
async function openOtherCarrier(t: Scope): Promise<readonly Trunk[]> {
  const account = { user: 'voicegate', password: 'a password of the seeded system' }
  const carrier = await startCarrier({ registrar: { accounts: [account] } })
  t.teardown(() => carrier.close())
  const { host, port } = carrier.address
  const registering = { ...account, registers: true, settings: 'the seeded system' }
  const health = { intervalSeconds: 1, downAfter: 1, upAfter: 1 }
  return [
    {
      name: 'berlin',
      domain: `${host}:${port}`,
      numbers: [],
      account: registering,
      routes: [],
      // All three are on this machine: whoever calls in is the first one's.
      inbound: { addresses: ['127.0.0.2'] },
      limits: { maxConcurrentCalls: 10 },
    },
    {
      name: 'backup',
      domain: `127.0.0.1:${await freeUdpPort()}`,
      numbers: [],
      account: registering,
      routes: [],
      inbound: { addresses: ['127.0.0.3'] },
      health,
    },
  ]
}

async function post(
  view: ProductView,
  path: string,
  body: object,
): Promise<Record<string, unknown>> {
  const answer = await view.request(path, { method: 'POST', body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(`POST ${path}: ${answer.status} ${await answer.text()}`)
  return (await answer.json()) as Record<string, unknown>
}

async function makeKeys(view: ProductView): Promise<SeededSystem['keys']> {
  const make = async (role: string, more: object = {}): Promise<string> =>
    String((await post(view, '/api/keys', { role, name: `The ${role}`, ...more }))['key'])
  const [admin, operator, viewer, metrics] = await Promise.all([
    make('admin'),
    make('operator', { budget: { calls_per_day: 500, prefixes: ['+49'] } }),
    make('viewer'),
    make('metrics'),
  ])
  const revoked = await post(view, '/api/keys', { role: 'viewer', name: 'No longer used' })
  await view.request(`/api/keys/${String(revoked['key_id'])}`, { method: 'DELETE' })
  return { admin, operator, viewer, metrics }
}

async function makeWebhooks(view: ProductView, receiver: WebhookReceiver): Promise<SeededWebhooks> {
  const make = async (path: string, types: readonly string[], description: string) => {
    const body = { url: receiver.url(path), types, description }
    return String((await post(view, '/api/webhooks', body))['endpoint_id'])
  }
  const taken = await make('/taken', ['*'], 'The surgery’s own system')
  const failing = await make('/failing', ['call.created', 'call.ended'], 'Out of order')
  const disabled = await make('/taken', ['call.ended'], 'Switched off')
  await view.request(`/api/webhooks/${disabled}`, {
    method: 'PATCH',
    body: JSON.stringify({ state: 'disabled' }),
  })
  return { taken, failing }
}

/** A number of the past that many calls have. */
async function eraseOne(view: ProductView): Promise<void> {
  const number = '+493023125150'
  const asked = await post(view, '/api/erasures', { number, reason: 'Asked by letter' })
  await eventually('the erasure', WAIT_MS, async () => {
    const answer = await view.request(`/api/erasures/${String(asked['erasure_id'])}`)
    return ((await answer.json()) as { state: string }).state === 'done'
  })
}

/** Three days of attempts are not waited for: what they come to is written. */
async function giveUpSome(config: Config, view: ProductView, endpointId: string): Promise<void> {
  await eventually('a delivery that failed', WAIT_MS, async () => {
    const answer = await view.request(`/api/webhooks/${endpointId}/deliveries`)
    const { items } = (await answer.json()) as { items: { attempts: number }[] }
    return items.some(({ attempts }) => attempts > 0)
  })
  const database = new DatabaseSync(join(config.dataDir, 'voicegate.sqlite'), { timeout: WAIT_MS })
  database
    .prepare(
      `UPDATE webhook_deliveries SET state = 'dead', attempts = 9, last_status = 500,
         last_error = 'answered 500', give_up_at = created_at
       WHERE delivery_id IN (SELECT delivery_id FROM webhook_deliveries
         WHERE endpoint_id = ? AND state = 'waiting' ORDER BY feed_position LIMIT ${GIVEN_UP})`,
    )
    .run(endpointId)
  database.close()
}
