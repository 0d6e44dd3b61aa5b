// npm run proof -- soak: 100,000 short calls through the whole product; each must end as planned, be in the records as it
// was, and leave nothing behind.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { withPrograms, type Program } from '../../bench/process/program.ts'
import { processCpuMs } from '../../bench/report/machine.ts'
import { leftOver, untilNothing, type Holding } from '../baseline.ts'
import { judgeMemory, type LiveMemory } from '../live-memory.ts'
import type { Proof, ProofOptions, ProofReport } from '../proof.ts'
import { seededRandom, type Random } from '../seeded-random.ts'
import type { ProductProgram } from '../stage/product.ts'
import { withFolder } from '../temporary-folder.ts'
import { CallWorld } from './call-world.ts'
import { judgeLog } from './judge-log.ts'
import { judgeRecords } from './judge-records.ts'
import { KINDS, numberOf, type CallKind } from './plan.ts'

export interface SoakOptions extends ProofOptions {
  /** Calls a second. */
  readonly rate: number
  /** With calls whose far end has to be given up after 64·T1, and until the last transaction is gone. */
  readonly patient: boolean
}

const RATE = 60
/** When the calls of so many seconds are under way, the machine is behind and gets time. */
const MAX_UNDER_WAY_SECONDS = 2
/** Live memory is looked at when so much of all calls is over: everything that only fills once has filled by the first. */
const LOOKS = { patient: [0.1, 0.5, 1], hasty: [0.2, 1] } as const
/** Timer D and 64·T1 of a party that is gone, one after the other, and a moment. */
const SETTLE_MS = 100_000

export const soak: Proof = {
  about:
    '100,000 short calls through the whole product: each ends and is recorded as planned, and nothing is left',
  defaultCount: 100_000,
  run: (options) => runSoak({ ...options, rate: options.rate ?? RATE, patient: true }),
}

export function runSoak(options: SoakOptions): Promise<ProofReport> {
  return withFolder('soak', (folder) =>
    withPrograms(async (start) => {
      const product = start<ProductProgram>('../proof/stage/product.ts')
      const world = await CallWorld.open()
      try {
        return await new Soak(product, world, folder, options).run()
      } finally {
        await world.close()
      }
    }),
  )
}

interface Look {
  readonly calls: number
  readonly holding: Holding
  readonly memory: LiveMemory
}

class Soak {
  readonly #product: Program<ProductProgram>
  readonly #world: CallWorld
  readonly #folder: string
  readonly #options: SoakOptions
  readonly #random: Random
  readonly #kinds: readonly CallKind[]
  readonly #problems: string[] = []
  readonly #figures: string[] = []
  #placed = 0
  #dataDir = ''

  constructor(
    product: Program<ProductProgram>,
    world: CallWorld,
    folder: string,
    options: SoakOptions,
  ) {
    this.#product = product
    this.#world = world
    this.#folder = folder
    this.#options = options
    this.#random = seededRandom(options.seed)
    this.#kinds = KINDS.filter(({ slow }) => options.patient || slow !== true)
  }

  async run(): Promise<ProofReport> {
    const { count, progress } = this.#options
    await this.#start()
    const looks: Look[] = []
    const startedAt = performance.now()
    for (const share of LOOKS[this.#options.patient ? 'patient' : 'hasty']) {
      await this.#playTo(Math.ceil(count * share))
      progress.say('looking at what is left')
      looks.push(await this.#look(looks[0]))
    }
    const tookS = (performance.now() - startedAt) / 1000
    const cpuMs = processCpuMs(this.#product.pid) / count
    this.#figures.push(
      `${count} calls in ${tookS.toFixed(0)} s, looks at memory included; ${cpuMs.toFixed(1)} ms of processor a call`,
    )
    this.#judgeLooks(looks)
    this.#judgeAudit(
      await this.#product.ask('metric', { name: 'agent_sessions_before_answer_total' }),
      await this.#product.ask('metric', { name: 'agent_sessions_audit_violations_total' }),
      await this.#product.ask('metric', { name: 'media_workers_lost_total' }),
    )
    await this.#product.ask('stop')
    progress.say('reading the records')
    const evidence = this.#judgeKept()
    return { figures: this.#figures, problems: this.#problems, evidence }
  }

  async #start(): Promise<void> {
    const addresses = await this.#product.ask('start', {
      settings: {
        HTTP_PORT: '0',
        SIP_LISTEN: 'udp:127.0.0.1:0',
        DATA_DIR: join(this.#folder, 'data'),
        DIAL_ALLOW_PREFIXES: '+49',
        RTP_PORT_MIN: '12000',
        RTP_PORT_MAX: '31999',
        MAX_CONCURRENT_CALLS: '2000',
        MAX_OUTBOUND_CALLS_PER_SECOND: '1000',
        MAX_INBOUND_CALLS_PER_SECOND: '1000',
        RECORD_CALLS: 'after-consent',
        LOG_LEVEL: 'warn',
      },
      carrierDomain: this.#world.carrierDomain,
      agentUrl: this.#world.agentUrl,
      logFile: this.#logFile,
    })
    this.#world.callsGoTo(addresses)
    this.#dataDir = addresses.dataDir
  }

  /** Evenly spread; a machine that is behind gets time instead of more calls. */
  async #playTo(total: number): Promise<void> {
    const { rate } = this.#options
    let dueAt = performance.now()
    while (this.#placed < total) {
      dueAt += 1000 / rate
      const waitMs = dueAt - performance.now()
      if (waitMs > 1) await sleep(waitMs)
      const overBy = performance.now() + SETTLE_MS
      while (this.#world.underWay >= rate * MAX_UNDER_WAY_SECONDS) {
        if (performance.now() > overBy)
          throw new Error(`${this.#world.underWay} calls are under way and do not end`)
        await sleep(20)
        dueAt = performance.now()
      }
      this.#world.place(...this.#next())
      this.#tick()
    }
    this.#options.progress.say(`${this.#world.underWay} calls are still to end`)
    const overBy = performance.now() + SETTLE_MS
    while (this.#world.underWay > 0 && performance.now() < overBy) await sleep(50)
    if (this.#world.underWay > 0)
      this.#problems.push(`${this.#world.underWay} calls are not over for the carrier`)
  }

  #next(): [kind: CallKind, number: string] {
    const all = this.#kinds.reduce((sum, { share }) => sum + share, 0)
    // The first of all are one of each kind.
    let at = this.#random.below(all)
    const drawn = this.#kinds.find(({ share }) => (at -= share) < 0)
    const kind = this.#kinds[this.#placed] ?? drawn ?? KINDS[0]
    if (kind === undefined) throw new Error('no kind of call')
    this.#placed += 1
    return [kind, numberOf(KINDS.indexOf(kind), this.#placed)]
  }

  #tick(): void {
    const { progress } = this.#options
    progress.at(this.#placed - this.#world.underWay, () => {
      const { pid } = this.#product
      return `${this.#world.underWay} under way, ${residentMb(pid)} MB, ${openFiles(pid)} files`
    })
  }

  /** When no call is left: nothing of any may be, and the descriptors are as they were. */
  async #look(first: Look | undefined): Promise<Look> {
    this.#world.disconnect()
    let holding = await this.#product.ask('holding')
    const left = await untilNothing(SETTLE_MS, async () => {
      holding = await this.#product.ask('holding')
      const { transactions, ...rest } = await this.#product.ask('remains')
      const remains = Object.entries(this.#options.patient ? { transactions, ...rest } : rest)
      const there = remains.filter(([, count]) => count !== 0)
      const kept = first === undefined ? [] : leftOver(first.holding, holding)
      return [...there.map(([name, count]) => `${name}: ${count}`), ...kept]
    })
    const calls = this.#placed
    this.#problems.push(...left.map((each) => `left after ${calls} calls: ${each}`))
    return { calls, holding, memory: await this.#product.ask('memory') }
  }

  #judgeLooks(looks: readonly Look[]): void {
    const [first, last] = [looks[0], looks.at(-1)]
    if (!first || !last) return
    const mb = (bytes: number): string => (bytes / 1e6).toFixed(1)
    for (const { calls, memory } of looks)
      this.#figures.push(
        `after ${calls} calls: live ${mb(memory.liveBytes)} MB, resident ${mb(memory.residentBytes)} MB`,
      )
    const { figure, problems } = judgeMemory(first.memory, last.memory)
    this.#problems.push(...problems)
    const perCall = (last.memory.liveBytes - first.memory.liveBytes) / (last.calls - first.calls)
    this.#figures.push(`${figure}; ${perCall.toFixed(0)} bytes a call since the first look`)
  }

  #judgeAudit(beforeAnswer: number, violations: number, workersLost: number): void {
    if (beforeAnswer + violations > 0)
      this.#problems.push(`${beforeAnswer} sessions before answer, ${violations} audit violations`)
    if (workersLost > 0) this.#problems.push(`${workersLost} media workers were lost`)
  }

  /** What is on the disk after it has stopped. */
  #judgeKept(): readonly string[] {
    const world = this.#world
    const records = judgeRecords(this.#dataDir, world.books, {
      placed: this.#placed,
      nameless: world.nameless,
    })
    const log = judgeLog(readFileSync(this.#logFile, 'utf8'))
    this.#figures.push(...world.counts(), ...records.figures, ...log.figures)
    this.#problems.push(...world.wrongs(), ...records.problems, ...log.problems)
    return [...records.evidence, ...log.evidence]
  }

  get #logFile(): string {
    return join(this.#folder, 'log.jsonl')
  }
}

function residentMb(pid: number): string {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return (Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024).toFixed(0)
  } catch {
    return '?' // Not Linux.
  }
}

function openFiles(pid: number): string {
  try {
    return String(readdirSync(`/proc/${pid}/fd`).length)
  } catch {
    return '?' // Not Linux.
  }
}
