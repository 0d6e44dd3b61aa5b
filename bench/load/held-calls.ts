// The load process of `scraping`: a carrier whose phones pick up and stay, an agent that gives back what it hears, and a
// Prometheus that asks for /metrics.
import { setTimeout as sleep } from 'node:timers/promises'
import { ms } from '../../core/contracts/index.ts'
import { waitUntil } from '../../core/lifecycle/index.ts'
import { startCarrier, type Carrier, type PhoneScript } from '../../simulators/carrier/index.ts'
import { startElevenLabs, type ElevenLabsSimulator } from '../../simulators/elevenlabs/index.ts'
import { serve } from '../process/serve.ts'
import { spreadOf, type Spread } from '../report/statistics.ts'

/** What a Prometheus saw in a window. */
export interface Scrapes {
  readonly count: number
  readonly failed: number
  /** Of one page. */
  readonly bytes: number
  readonly ms: Spread
}

const PRODUCT_AGENT_ID = 'agent_bench'
const STAYS_MS = 600_000
const TALK_WITHIN = ms(30_000)
const SCRAPE_WITHIN_MS = 10_000
const POLL_MS = 20

let carrier: Carrier | undefined
let agent: ElevenLabsSimulator | undefined
let scraping: { readonly stop: AbortController; readonly done: Promise<Scrapes> } | undefined

function opened(): { carrier: Carrier; agent: ElevenLabsSimulator } {
  if (carrier === undefined || agent === undefined) throw new Error('the load is not open')
  return { carrier, agent }
}

/** False when it was stopped in the middle of the wait. */
const hasCome = (time: number, stop: AbortSignal): Promise<boolean> =>
  sleep(Math.max(0, time - performance.now()), true, { signal: stop }).catch(() => false)

/** The next is due when the time has come, as Prometheus does it: never two at once. */
async function scrape(url: string, everyMs: number, stop: AbortSignal): Promise<Scrapes> {
  const times: number[] = []
  let bytes = 0
  let failed = 0
  const startedAt = performance.now()
  for (let due = everyMs; await hasCome(startedAt + due, stop); due += everyMs) {
    const askedAt = performance.now()
    try {
      const answer = await fetch(url, { signal: AbortSignal.timeout(SCRAPE_WITHIN_MS) })
      bytes = (await answer.bytes()).length
      if (!answer.ok) failed += 1
      times.push(performance.now() - askedAt)
    } catch {
      failed += 1 // Told by the report: a scrape that fails says nothing about the cost of one.
    }
  }
  return { count: times.length, failed, bytes, ms: spreadOf(times) }
}

/** With an agent. */
const openCalls = (): number =>
  opened().agent.sessions.filter(({ closedAt }) => closedAt === null).length

const commands = {
  async open() {
    carrier = await startCarrier({})
    agent = await startElevenLabs({})
    agent.script(PRODUCT_AGENT_ID, ECHO)
    const { host, port } = carrier.address
    return {
      carrierDomain: `${host}:${port}`,
      agentRestUrl: agent.restUrl,
      agentWsUrl: agent.wsUrl,
    }
  },
  /** What phones do that are called from now on: pick up, or only ring. */
  phones({ answer }: { readonly answer: boolean }) {
    opened().carrier.script('*', answer ? PICKS_UP : RINGS)
  },
  /** Resolves when so many agents are in a call. */
  talking: ({ calls }: { readonly calls: number }) =>
    waitUntil(() => openCalls() >= calls, TALK_WITHIN, POLL_MS),
  openCalls,
  beginScraping({ everyMs, url }: { readonly everyMs: number; readonly url: string }) {
    const stop = new AbortController()
    scraping = { stop, done: scrape(url, everyMs, stop.signal) }
  },
  async endScraping(): Promise<Scrapes> {
    if (scraping === undefined) throw new Error('nobody scrapes')
    scraping.stop.abort()
    return scraping.done
  },
}

const PICKS_UP: PhoneScript = [{ ring: 20 }, { answer: true }, { untilHangUp: STAYS_MS }]
const RINGS: PhoneScript = [{ ring: 0 }, { neverAnswer: true }]
const ECHO = { firstMessage: null, mode: 'echo', keepCallerAudio: false } as const

export type HeldCalls = typeof commands

serve(commands)
