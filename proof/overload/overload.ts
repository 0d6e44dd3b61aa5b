// npm run proof -- overload: half as many calls again as there is room for, from both sides at once and while it is full.
// Exactly as many are taken as there is room for, they sound as they should, and whoever was refused has cost nothing.
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { withPrograms, type Program } from '../../bench/process/program.ts'
import { machineBusyMs, processCpuMs, strangersCores } from '../../bench/report/machine.ts'
import { untilNothing } from '../baseline.ts'
import type { Progress } from '../progress.ts'
import type { Proof, ProofReport } from '../proof.ts'
import type { ProductProgram } from '../stage/product.ts'
import { withFolder } from '../temporary-folder.ts'
import { judgeRows } from './judge-rows.ts'
import type { LineLoad, LineQuality } from './line-load.ts'
import { lineOf, numberOf } from './numbers.ts'
import { Offers, type OfferOutcome, type Way } from './offers.ts'
import { judgeQuality, type Beside } from './quality.ts'
import { runRateLimits } from './rate-limits.ts'

export interface OverloadOptions {
  /** Calls there is room for. */
  readonly capacity: number
  /** How long they talk while more are offered. */
  readonly seconds: number
  readonly progress: Progress
}

const CAPACITY = 100
const SECONDS = 15
const OVER = 1.5
/** While it is full, one more is offered each way so often. */
const KNOCK_MS = 100
const SETTLE_MS = 20_000
/** Ports rest for 5 s after a call: enough for all three rounds. */
const RTP_PORTS_A_CALL = 16

export const overload: Proof = {
  about:
    'half as many calls again as MAX_CONCURRENT_CALLS (--count): as many as that are taken, and sound well; the rest 503',
  defaultCount: CAPACITY,
  run: async ({ count, progress }) => {
    const slots = await runOverload({ capacity: count, seconds: SECONDS, progress })
    progress.say('more calls a second than are allowed')
    const rates = await runRateLimits()
    return {
      figures: [...slots.figures, ...rates.figures],
      problems: [...slots.problems, ...rates.problems],
      evidence: [...slots.evidence, ...rates.evidence],
    }
  },
}

export function runOverload(options: OverloadOptions): Promise<ProofReport> {
  return withFolder('overload', (folder) =>
    withPrograms(async (start) => {
      const product = start<ProductProgram>('../proof/stage/product.ts')
      const load = start<LineLoad>('../proof/overload/line-load.ts')
      const count = Math.ceil(options.capacity * OVER)
      const { agentUrl, ports } = await load.ask('open', { count })
      const offers = await Offers.open(load, ports)
      try {
        const addresses = await product.ask('start', {
          settings: settingsFor(options.capacity, folder),
          carrierDomain: offers.carrierDomain,
          ...{ agentUrl, logFile: join(folder, 'log.jsonl') },
        })
        offers.callsGoTo(addresses)
        const run = new Overload({ product, load, offers, dataDir: addresses.dataDir }, options)
        return await run.play()
      } finally {
        await offers.close()
      }
    }),
  )
}

const settingsFor = (capacity: number, folder: string) => ({
  HTTP_PORT: '0',
  SIP_LISTEN: 'udp:127.0.0.1:0',
  DATA_DIR: join(folder, 'data'),
  DIAL_ALLOW_PREFIXES: '+49',
  RTP_PORT_MIN: '12000',
  RTP_PORT_MAX: String(12_000 + Math.max(400, capacity * RTP_PORTS_A_CALL)),
  MAX_CONCURRENT_CALLS: String(capacity),
  // Another bound, with a proof of its own.
  MAX_OUTBOUND_CALLS_PER_SECOND: '1000',
  MAX_INBOUND_CALLS_PER_SECOND: '1000',
  RECORD_CALLS: 'off',
  LOG_LEVEL: 'warn',
})

interface Stage {
  readonly product: Program<ProductProgram>
  readonly load: Program<LineLoad>
  readonly offers: Offers
  readonly dataDir: string
}

class Overload {
  readonly #stage: Stage
  readonly #options: OverloadOptions
  readonly #problems: string[] = []
  readonly #figures: string[] = []
  #offered = 0
  #admitted = 0
  #knocked = 0

  constructor(stage: Stage, options: OverloadOptions) {
    this.#stage = stage
    this.#options = options
  }

  async play(): Promise<ProofReport> {
    const { capacity, progress, seconds } = this.#options
    const { load, offers, product } = this.#stage
    const half = Math.floor(capacity / 2)
    const lines = Array.from({ length: Math.ceil(capacity * OVER) }, (_, line) => line)

    progress.say(`${lines.length} calls for ${capacity} slots`)
    await this.#offer('all at once', lines, capacity)
    await this.#allTalk(capacity)
    await this.#holds('all slots are taken', capacity)

    progress.say(`${seconds} s of talk, with more calls offered all the while`)
    const { quality, beside } = await this.#talkUnderKnocking()
    const judged = judgeQuality(quality, beside)
    this.#figures.push(...judged.figures)
    this.#problems.push(...judged.problems)
    await this.#holds('after all that were refused', capacity)

    progress.say('half of them hang up: their slots are taken again')
    const leaving = offers.talking.filter((_, index) => index % 2 === 0).slice(0, half)
    await this.#hangUp(leaving)
    await this.#offer('after half hung up', this.#freeLines(lines), half)
    await this.#allTalk(capacity)

    progress.say('all hang up, and all come again')
    await this.#hangUp(offers.talking)
    await this.#offer('after all hung up', lines, capacity)
    await this.#allTalk(capacity)
    await this.#hangUp(offers.talking)
    await this.#holds('the last call is over', 0)

    const sessions = await load.ask('agents')
    if (sessions.total !== this.#admitted)
      this.#problems.push(`${this.#admitted} calls admitted, ${sessions.total} agent sessions`)
    const rejected = await product.ask('metric', { name: 'sip_rejected_total' })
    this.#figures.push(
      `${this.#offered} calls offered, ${this.#admitted} admitted; ${rejected} INVITEs refused by the count of the metrics`,
    )
    this.#problems.push(...offers.wrongs)
    await product.ask('stop')
    const rows = judgeRows(this.#stage.dataDir, this.#admitted)
    this.#figures.push(...rows.figures)
    this.#problems.push(...rows.problems)
    return { figures: this.#figures, problems: this.#problems, evidence: rows.evidence }
  }

  /** One call on each of these lines, half by the API and half by INVITE, without waiting for any. */
  async #offer(when: string, lines: readonly number[], room: number): Promise<void> {
    const begun = lines.map((line, index) =>
      this.#stage.offers.offer(index % 2 === 0 ? 'api' : 'invite', this.#number(line)),
    )
    const outcomes = await Promise.all(begun)
    const admitted = outcomes.filter(({ kind }) => kind === 'admitted')
    this.#admitted += admitted.length
    const byApi = admitted.filter(({ way }) => way === 'api').length
    this.#figures.push(
      `${when}: ${lines.length} offered, ${admitted.length} admitted (${byApi} by the API, ${admitted.length - byApi} by INVITE)`,
    )
    if (admitted.length !== Math.min(room, lines.length))
      this.#problems.push(`${when}: room for ${room}, ${admitted.length} admitted`)
    this.#judgeRefusals(outcomes)
    const most = await this.#stage.product.ask('mostLive')
    if (most > this.#options.capacity)
      this.#problems.push(`${when}: ${most} calls at a moment, with room for ${room}`)
  }

  #judgeRefusals(outcomes: readonly OfferOutcome[]): void {
    const problems = new Set(outcomes.flatMap((outcome) => wrongIn(outcome) ?? []))
    this.#problems.push(...problems)
  }

  async #talkUnderKnocking(): Promise<{ quality: LineQuality; beside: Beside }> {
    const { load, product } = this.#stage
    const cpu = (): number =>
      [process.pid, product.pid, load.pid].reduce((sum, pid) => sum + processCpuMs(pid), 0)
    await sleep(500)
    await load.ask('begin')
    const before = { atMs: performance.now(), cpuMs: cpu(), busyMs: machineBusyMs() }
    const until = before.atMs + this.#options.seconds * 1000
    while (performance.now() < until) {
      await Promise.all([this.#knock('api'), this.#knock('invite')])
      await sleep(KNOCK_MS)
    }
    const tookMs = performance.now() - before.atMs
    const quality = await load.ask('end')
    const busyMs = machineBusyMs() - before.busyMs
    this.#figures.push(`${this.#knocked} more were refused while they talked`)
    const most = await product.ask('mostLive')
    if (most !== this.#options.capacity) this.#problems.push(`${most} calls at a moment`)
    return {
      quality,
      beside: {
        strangers: strangersCores(busyMs, cpu() - before.cpuMs, tookMs),
        seconds: tookMs / 1000,
      },
    }
  }

  /** On a line that no call is on: it must be refused. */
  async #knock(way: Way): Promise<void> {
    const outcome = await this.#stage.offers.offer(way, this.#number(0))
    this.#knocked += 1
    if (outcome.kind === 'admitted') {
      this.#admitted += 1
      this.#problems.push('a call was admitted while all slots were taken')
    } else this.#judgeRefusals([outcome])
  }

  async #hangUp(numbers: readonly string[]): Promise<void> {
    const { offers } = this.#stage
    offers.hangUp(numbers)
    const left = await untilNothing(SETTLE_MS, () => {
      const talking = new Set(offers.talking)
      return numbers.filter((number) => talking.has(number))
    })
    if (left.length > 0) this.#problems.push(`${left.length} calls did not end`)
  }

  /** Slots are one matter, audio another: all calls that were admitted have an agent that hears them. */
  async #allTalk(count: number): Promise<void> {
    const { load, offers } = this.#stage
    const left = await untilNothing(SETTLE_MS, async () => {
      const { open } = await load.ask('agents')
      const talking = offers.talking.length
      return open === count && talking === count ? [] : [`${talking} talk, ${open} agents`]
    })
    this.#problems.push(...left.map((each) => `${count} calls should talk: ${each}`))
  }

  async #holds(when: string, calls: number): Promise<void> {
    const left = await untilNothing(SETTLE_MS, async () => {
      const remains = await this.#stage.product.ask('remains')
      const counted = [
        remains.calls,
        remains.mediaSessions,
        remains.rtpPorts,
        remains.agentSessions,
      ]
      return counted.every((count) => count === calls) ? [] : [JSON.stringify(remains)]
    })
    this.#problems.push(...left.map((each) => `${when}: ${each}, not ${calls} of each`))
  }

  #freeLines(lines: readonly number[]): readonly number[] {
    const { offers } = this.#stage
    const taken = new Set(offers.talking.map(lineOf))
    return lines.filter((line) => !taken.has(line))
  }

  #number(line: number): string {
    this.#offered += 1
    return numberOf(this.#offered, line)
  }
}

/** RFC 9457 and RFC 3261 §21.5.4: what a refusal has to say. */
function wrongIn(outcome: OfferOutcome): string | undefined {
  if (outcome.kind === 'admitted') return undefined
  const { code, contentType, retryAfter, status, way } = outcome
  const isProblem =
    way === 'invite' ||
    (code === 'CAPACITY_EXHAUSTED' && contentType.startsWith('application/problem+json'))
  return status === 503 && isProblem && /^[1-9]\d*$/.test(retryAfter)
    ? undefined
    : `refused by ${way} with ${status} ${code} ${contentType}, Retry-After ${retryAfter}`
}
