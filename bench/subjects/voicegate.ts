// The whole product in a process of its own, with the outside given: as main.ts starts it, without its terminal.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { ms, type AnswerWith, type E164 } from '../../core/contracts/index.ts'
import type { Config } from '../../core/config/index.ts'
import { createLogger } from '../../core/telemetry/index.ts'
import { startVoicegate, type Voicegate } from '../../main.ts'
import { agentIdOf, numberOf } from '../load/agent-server.ts'
import { serve } from '../process/serve.ts'
import { createUsageMeter } from '../process/usage-meter.ts'
import { spreadOf, type Spread } from '../report/statistics.ts'
import { BENCH_TWILIO } from './bench-twilio.ts'

export interface ProductStart {
  readonly agentRestUrl: string
  readonly agentWsUrl: string
  /** `host:port`; without one only inbound calls are taken, of this machine. */
  readonly carrierDomain?: string
  /** Calls come by webhooks, signed with BENCH_TWILIO's token, and are answered so. */
  readonly twilio?: AnswerWith
  /** So many lines, each with a number and an agent of its own. */
  readonly lines?: number
}

const HOST = '127.0.0.1'
/** Of this host, so that whoever calls from it is no stranger. */
const NOBODY = `${HOST}:9`
const OUR_NUMBER = '+4930555100' as E164
const AGENT_ID = 'agent_bench'
const RING_TIMEOUT = ms(20_000)
const MAX_DURATION = ms(600_000)

const meter = createUsageMeter()
let voicegate: Voicegate | undefined
let dataDir: string | undefined

const configOf = (dataDir: string): Config => ({
  rehearsal: true,
  requireKey: false,
  httpHost: HOST,
  httpPort: 0,
  httpTrustedProxies: [],
  publicUrl: undefined,
  apiKey: undefined,
  dataDir,
  sipListen: [{ protocol: 'udp', host: HOST, port: 0 }],
  sipAdvertise: undefined,
  rtpAdvertise: undefined,
  databaseUrl: undefined,
  secretsKeys: [],
  retentionDays: { audio: 90, transcripts: 90, events: 90 },
  webhookAllowHosts: [],
  sipTls: {},
  trunks: [],
  numbers: [],
  trunksFile: undefined,
  strangers: 'refuse',
  media: {
    dId: undefined,
    heyGen: undefined,
    defaultProvider: 'd-id',
    maxUploadBytes: 1e6,
    maxAnimationsADay: 200,
    resultHosts: [],
  },
  s3: undefined,
  drachtio: undefined,
  freeswitch: undefined,
  transferNumbers: [],
  rtpHost: HOST,
  rtpPortMin: 12_000,
  rtpPortMax: 31_999,
  agent: {
    apiKey: undefined,
    agentId: undefined,
    restUrl: '',
    webhookSecret: undefined,
    maxSessions: undefined,
    wsUrl: undefined,
    pricePerMinute: 0,
    budgetPerDay: 0,
    variables: ['called_number', 'call_id'],
    frameMs: 20,
    dtmf: 'user_message',
    fallbackMessage: undefined,
    voiceId: 'voice_bench',
    toolServer: undefined,
  },
  twilio: undefined,
  voximplant: { baseUrl: 'http://127.0.0.1:9' },
  ivr: {
    company: undefined,
    website: undefined,
    voiceName: undefined,
    languages: [],
    orderPattern: '[0-9]{4,12}',
    onRefusal: 'end',
    human: null,
  },
  recordCalls: 'off',
  drain: ms(0),
  dialAllowPrefixes: ['+'],
  // The product's own limits would be measured otherwise.
  maxConcurrentCalls: 100_000,
  maxOutboundCallsPerSecond: 100_000,
  maxInboundCallsPerSecond: 100_000,
  logLevel: 'silent',
  tracing: undefined,
})

/** The longest time of each slice in which this thread did not come round. Looking keeps it awake: no time to measure CPU. */
async function stalls({ forMs, sliceMs }: StallWatch): Promise<Spread> {
  const startedAt = performance.now()
  const longest: number[] = []
  for (let last = startedAt; last < startedAt + forMs;) {
    await setImmediate()
    const now = performance.now()
    const slice = Math.floor((last - startedAt) / sliceMs)
    longest[slice] = Math.max(longest[slice] ?? 0, now - last)
    last = now
  }
  return spreadOf(Object.values(longest))
}

interface StallWatch {
  readonly forMs: number
  readonly sliceMs: number
}

const commands = {
  async start({
    agentRestUrl,
    agentWsUrl,
    carrierDomain = NOBODY,
    lines = 0,
    twilio,
  }: ProductStart) {
    dataDir = await mkdtemp(join(tmpdir(), 'voicegate-bench-'))
    voicegate = await startVoicegate(configOf(dataDir), {
      logger: createLogger('silent'),
      outside: {
        trunks: [{ name: 'bench', domain: carrierDomain, numbers: [OUR_NUMBER], health: 'off' }],
        agent: { apiKey: undefined, agentId: AGENT_ID, restUrl: agentRestUrl, wsUrl: agentWsUrl },
        ...(twilio === undefined ? {} : { twilio: { ...BENCH_TWILIO, answerWith: twilio } }),
        numbers: Array.from({ length: lines }, (_, line) => ({
          number: numberOf(line),
          to: { kind: 'agent', agentId: agentIdOf(line) },
        })),
        demoNumbers: [],
        close: () => Promise.resolve(),
      },
    })
    const [sip] = voicegate.sip.addresses
    return { host: HOST, port: sip?.port ?? 0, httpPort: voicegate.api.address.port }
  },
  /** Places a call; resolves once it is being dialled. */
  async call({ number }: { readonly number: string }) {
    await voicegate?.gateway.calls.originate({
      to: number as E164,
      agent: { agentId: AGENT_ID, dynamicVariables: {} },
      ringTimeout: RING_TIMEOUT,
      maxDuration: MAX_DURATION,
      metadata: {},
    })
  },
  begin: () => meter.begin(),
  end: () => meter.end(),
  stalls,
  async close() {
    await voicegate?.stop(0)
    if (dataDir !== undefined) await rm(dataDir, { recursive: true, force: true })
  },
}

export type Product = typeof commands

serve(commands)
