// Something to look at: the whole product between two simulated carriers and a simulated agent, calls of all kinds in both
// directions, and a Prometheus that scrapes it with the shipped rules; then the boards as pictures.
//   node test/support/dashboards/demo-load.ts --out FOLDER [--minutes 10] [-- options of scripts/draw-boards.ts]
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { compileConfig, type Config } from '../../../core/config/index.ts'
import type { E164 } from '../../../core/contracts/index.ts'
import { decodePhoneNumber } from '../../../core/phone-numbers/index.ts'
import { createLogger } from '../../../core/telemetry/index.ts'
import { startVoicegate, type Voicegate } from '../../../main.ts'
import { startCarrier, type Carrier, type PhoneScript } from '../../../simulators/carrier/index.ts'
import { startElevenLabs } from '../../../simulators/elevenlabs/index.ts'
import { ProgramScope } from '../browser/scope.ts'
import { temporaryFolder } from '../process.ts'
import { startPrometheus } from '../prometheus.ts'

const SCRAPE_SECONDS = 5
const AGENT = 'agent_demo'
const REQUEST_MS = 5000
/** Little enough that two cores have time left. */
const CALL_EVERY_MS = 900
const LOOK_EVERY = 5

/** Of ten calls placed. */
const FATES: readonly PhoneScript[] = [
  ...[4000, 9000, 14_000, 20_000, 25_000].map((talk, index): PhoneScript => [
    { wait: 200 + index * 350 },
    { ring: 1500 + index * 1200 },
    { answer: true },
    { say: { speech: 'caller-hello' } },
    { listen: talk },
    { hangUp: true },
  ]),
  [{ wait: 700 }, { reject: 486 }],
  [{ wait: 500 }, { ring: 4000 }, { reject: 480 }],
  [{ wait: 300 }, { ring: 3000 }, { reject: 603 }],
  [{ wait: 100 }, { reject: 503 }],
  [
    { network: { sent: { lossPercent: 3, jitterMs: 25 } } },
    { wait: 900 },
    { ring: 2500 },
    { answer: true },
    { listen: 12_000 },
    { hangUp: true },
  ],
]
const CALLS_IN: PhoneScript = [
  { hearUntilQuiet: 800 },
  { say: { speech: 'caller-question' } },
  { hearUntilQuiet: 800 },
  { hangUp: true },
]

const numberOf = (text: string): E164 => {
  const number = decodePhoneNumber(text)
  if (number === undefined) throw new Error(`no number: ${text}`)
  return number
}
const OURS = { alpha: numberOf('+4930555100'), beta: numberOf('+4930555200') }

function configOf(dataDir: string): Config {
  const compiled = compileConfig(
    {
      HTTP_PORT: '0',
      SIP_LISTEN: 'udp:127.0.0.1:0',
      DATA_DIR: dataDir,
      RTP_PORT_MIN: '21000',
      RTP_PORT_MAX: '21999',
      LOG_LEVEL: 'warn',
      AGENT_BUDGET_PER_DAY: '2000',
    },
    {},
  )
  if ('config' in compiled) return compiled.config
  throw new Error(compiled.problems.map(({ name, problem }) => `${name} ${problem}`).join('; '))
}

interface World {
  readonly voicegate: Voicegate
  readonly carriers: readonly Carrier[]
}

async function openWorld(scope: ProgramScope): Promise<World> {
  const alpha = await startCarrier({})
  scope.teardown(() => alpha.close())
  // Of another address, so that calls in are told apart.
  const beta = await startCarrier({ host: '127.0.0.2' })
  scope.teardown(() => beta.close())
  const agent = await startElevenLabs({ apiKey: 'demo' })
  scope.teardown(() => agent.close())
  agent.script(AGENT, { keepCallerAudio: false })
  const domain = ({ address: { host, port } }: Carrier): string => `${host}:${port}`
  const voicegate = await startVoicegate(configOf(temporaryFolder(scope, 'demo')), {
    logger: createLogger('error'),
    outside: {
      trunks: [
        {
          ...{ name: 'alpha', domain: domain(alpha), numbers: [OURS.alpha] },
          limits: { maxConcurrentCalls: 20 },
          routes: [{ prefixes: ['+'], priority: 1, weight: 2 }],
        },
        {
          ...{ name: 'beta', domain: domain(beta), numbers: [OURS.beta] },
          limits: { maxConcurrentCalls: 10 },
          routes: [{ prefixes: ['+'], priority: 1, weight: 1 }],
        },
      ],
      agent: {
        ...{ apiKey: 'demo', agentId: AGENT, restUrl: agent.restUrl, wsUrl: agent.wsUrl },
      },
      demoNumbers: [],
      close: () => Promise.resolve(),
    },
  })
  scope.teardown(() => voicegate.stop(0))
  return { voicegate, carriers: [alpha, beta] }
}

/** Calls out by REST, calls in by both carriers, and somebody who looks at the lists. */
async function load({ carriers, voicegate }: World, end: AbortSignal): Promise<void> {
  const { apiUrl, sipUri } = voicegate.howTo()
  const ask = (path: string, init: RequestInit = {}): Promise<unknown> =>
    fetch(`${apiUrl}${path}`, { ...init, signal: AbortSignal.timeout(REQUEST_MS) })
      .then((answer) => answer.arrayBuffer())
      // A refusal is part of the picture.
      .catch(() => undefined)
  for (let count = 0; !end.aborted; count += 1) {
    const number = `+4930231${String(count).padStart(5, '0')}`
    const fate = FATES[(count * 7) % FATES.length] ?? []
    for (const carrier of carriers) carrier.script(number, fate)
    const body = JSON.stringify({ phone_number: number, agent_id: AGENT })
    const headers = { 'content-type': 'application/json' }
    await ask('/api/calls/start', { method: 'POST', headers, body })
    if (count % 2 === 0) {
      const [carrier, ours] = count % 3 === 0 ? [carriers[1], OURS.beta] : [carriers[0], OURS.alpha]
      const to = sipUri.replace(/^sip:[^@]*/, `sip:${ours}`)
      await carrier?.call({ to, from: '+493023125900', script: CALLS_IN })
    }
    if (count % LOOK_EVERY === 0) await ask('/api/calls?limit=50')
    // Busier and calmer, by turns of some minutes.
    await sleep(CALL_EVERY_MS * (1.5 + Math.sin(count / 40)))
  }
}

/** Ctrl-C ends the calls early: what was seen so far is drawn all the same. */
function stopped(): AbortSignal {
  const stopping = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort())
  return stopping.signal
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { out: { type: 'string' }, minutes: { type: 'string', default: '10' } },
  })
  const { minutes, out } = values
  const scope = new ProgramScope()
  try {
    const world = await openWorld(scope)
    const { host, port } = new URL(world.voicegate.howTo().apiUrl)
    const prometheus = await startPrometheus(scope, {
      targets: [{ address: host, labels: { instance: `demo:${port}` } }],
      rules: globSync('dashboards/rules/*.yml'),
      scrapeIntervalMs: SCRAPE_SECONDS * 1000,
    })
    process.stdout.write(`Prometheus: ${prometheus.url}, ${minutes} minutes\n`)
    await load(world, AbortSignal.any([AbortSignal.timeout(Number(minutes) * 60_000), stopped()]))
    if (out === undefined) return
    const args = ['--prometheus', prometheus.url, '--out', out, '--minutes', minutes]
    const drawing = ['scripts/draw-boards.ts', ...args, '--scrape', String(SCRAPE_SECONDS)]
    await once(spawn(process.execPath, [...drawing, ...positionals], { stdio: 'inherit' }), 'exit')
  } finally {
    await scope.close()
  }
}

await main()
