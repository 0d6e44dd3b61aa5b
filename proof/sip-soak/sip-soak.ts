// npm run proof -- sip-soak: 20,000 calls in and out, with CANCEL, lost ACKs and parties that vanish mixed in; 64·T1
// after the last of them nothing is left.
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { runSipp } from '../../test/gateway/embedded/sipp.ts'
import { leftOver, takeHolding, untilNothing, type Holding } from '../baseline.ts'
import { judgeMemory, liveMemory, type LiveMemory } from '../live-memory.ts'
import type { Proof, ProofOptions, ProofReport } from '../proof.ts'
import { seededRandom } from '../seeded-random.ts'
import { openStage, type Stage } from '../stage/gateway-stage.ts'
import { Callee } from './callee.ts'
import { Caller } from './caller.ts'
import { callsOf, INBOUND, OUTBOUND, type InboundKind, type OutboundKind } from './plan.ts'

export interface SoakOptions extends ProofOptions {
  /** T1 in milliseconds; the others follow. */
  readonly t1Ms: number
  /** Calls a second, both ways together. */
  readonly rate: number
  /** Calls before the first look: code gets compiled, buffers find their size. */
  readonly warmUp: number
}

const T1_MS = 500
const RATE = 100

export const sipSoak: Proof = {
  about:
    '20,000 calls in and out, some of them cut off in every way: all end, and nothing of them is left',
  defaultCount: 20_000,
  run: (options) => runSoak({ ...options, t1Ms: T1_MS, rate: RATE, warmUp: 1_000 }),
}

/** Timer D, the longest after the last message of a call, is at least 32 s; and a moment. */
const GRACE_MS = 3_000
const SIPP_GRACE_MS = 60_000

export async function runSoak(options: SoakOptions): Promise<ProofReport> {
  const callee = await Callee.open((number) => kindOf(OUTBOUND, number)?.manner ?? 'busy')
  const { t1Ms } = options
  const stage = await openStage({
    trunkDomain: callee.hostPort,
    sip: { timers: { t1Ms, t2Ms: 8 * t1Ms, t4Ms: 10 * t1Ms } },
    answeredBy: (number) => kindOf(INBOUND, number)?.answeredBy ?? { ready: 0, talk: 0 },
  })
  const soak = new Soak(stage, callee, options)
  try {
    return await soak.run()
  } finally {
    await stage.close()
    await callee.close()
  }
}

const kindOf = <K extends { readonly number: string }>(
  kinds: readonly K[],
  number: string,
): K | undefined => kinds.find((kind) => number.startsWith(kind.number))

interface Settled {
  readonly holding: Holding
  readonly memory: LiveMemory
}

class Soak {
  readonly #stage: Stage
  readonly #callee: Callee
  readonly #options: SoakOptions
  readonly #problems: string[] = []
  readonly #figures: string[] = []
  #endedBefore = 0

  constructor(stage: Stage, callee: Callee, options: SoakOptions) {
    this.#stage = stage
    this.#callee = callee
    this.#options = options
  }

  async run(): Promise<ProofReport> {
    const { count, progress, rate, t1Ms, warmUp } = this.#options
    const timeoutMs = 64 * t1Ms
    progress.say(`${warmUp} calls to warm up`)
    await this.#play(warmUp)
    const before = await this.#settled(timeoutMs, undefined)
    const startedAt = performance.now()
    this.#endedBefore = warmUp
    await this.#play(count)
    const tookS = (performance.now() - startedAt) / 1000
    this.#figures.push(`${count} calls at ${rate} a second in ${tookS.toFixed(0)} s`)
    await this.#settled(timeoutMs, before)
    const endings = [...this.#stage.endings].sort(([a], [b]) => a.localeCompare(b))
    this.#figures.push(endings.map(([ending, calls]) => `${calls} ${ending}`).join(', '))
    const { retransmissionsSent, ackTimeouts, heldByes, timeouts } = await this.#stage.sip.stats()
    this.#figures.push(
      `${retransmissionsSent} messages sent again, ${timeouts} requests unanswered, ${ackTimeouts} answers unacknowledged, ${heldByes} BYEs held back`,
    )
    this.#judgeEndings(warmUp, count)
    this.#problems.push(...this.#stage.defects, ...this.#callee.wrongs)
    return { figures: this.#figures, problems: this.#problems, evidence: [] }
  }

  /** Half of them each way, each way at half the rate. */
  async #play(total: number): Promise<void> {
    const { host, port } = this.#stage
    const caller = await Caller.open({ host, port })
    const half = total / 2
    const seconds = total / this.#options.rate
    await Promise.all([
      this.#placeAll(half, seconds),
      this.#ownCallsIn(caller, half, seconds),
      ...INBOUND.map((kind) => this.#sippCallsIn(kind, half, seconds)),
    ])
    // Whoever vanished has nobody to answer the server, but the others have.
    await this.#callsEnded()
    this.#problems.push(...caller.wrongs)
    await caller.close()
  }

  async #placeAll(total: number, seconds: number): Promise<void> {
    const kinds = this.#shuffled(OUTBOUND, total)
    await paced(kinds, seconds, (kind, index) => {
      this.#tick()
      void this.#place(kind, index)
    })
  }

  async #place(kind: OutboundKind, index: number): Promise<void> {
    const { agent, hangUpMs, number, ringTimeoutMs } = kind
    const call = await this.#stage.place(`${number}${index}`, agent, ringTimeoutMs)
    if (hangUpMs === undefined || call === undefined) return
    await sleep(hangUpMs)
    this.#stage.gateway.calls.hangUp(call.callId)
  }

  async #ownCallsIn(caller: Caller, total: number, seconds: number): Promise<void> {
    const kinds = INBOUND.filter((kind) => kind.caller.kind === 'own')
    await paced(this.#shuffled(kinds, total), seconds, ({ caller: own, number }) => {
      this.#tick()
      if (own.kind === 'own') caller.place(number, own.manner)
    })
  }

  async #sippCallsIn({ caller, number, share }: InboundKind, total: number, seconds: number) {
    if (caller.kind !== 'sipp') return
    const calls = callsOf({ share }, total)
    const scenario = join(
      import.meta.dirname,
      `../../test/integration/scenarios/${caller.scenario}.xml`,
    )
    const target = `${this.#stage.host}:${this.#stage.port}`
    const rate = Math.max(1, Math.round(calls / seconds))
    const args = ['-sf', scenario, target, '-i', '127.0.0.1', '-s', number, ...caller.args]
    const size = ['-m', String(calls), '-r', String(rate), '-l', '10000']
    const timeoutMs = (calls / rate) * 1000 + SIPP_GRACE_MS
    const { exitCode, failed, successful } = await runSipp([...args, ...size], timeoutMs)
    if (exitCode !== 0 || failed > 0 || successful !== calls)
      this.#problems.push(
        `SIPp’s ${caller.scenario}: ${successful} of ${calls} calls as scripted, ${failed} not, exit code ${exitCode ?? 'none'}`,
      )
  }

  #shuffled<K extends { readonly share: number }>(kinds: readonly K[], total: number): K[] {
    const random = seededRandom(this.#options.seed)
    return kinds
      .flatMap((kind) =>
        Array.from({ length: callsOf(kind, total) }, () => ({ kind, at: random.below(1e9) })),
      )
      .sort((a, b) => a.at - b.at)
      .map(({ kind }) => kind)
  }

  #tick(): void {
    const { endings } = this.#stage
    const ended = [...endings.values()].reduce((sum, calls) => sum + calls, 0)
    this.#options.progress.at(ended - this.#endedBefore)
  }

  /** A call that nobody acknowledges lasts 64·T1, and its BYE that nobody answers as long again. */
  async #callsEnded(): Promise<void> {
    const { progress, t1Ms } = this.#options
    progress.say('waiting for the last calls to end')
    const { calls } = this.#stage.gateway
    const left = await untilNothing(2 * 64 * t1Ms + 10_000, () =>
      calls.list().map(({ callId }) => callId),
    )
    if (left.length > 0) this.#problems.push(`${left.length} calls did not end`)
  }

  /** 64·T1 after the last call's end at the latest, everything is as it was. */
  async #settled(timeoutMs: number, before: Settled | undefined): Promise<Settled> {
    const { progress } = this.#options
    progress.say(`the last call has ended: waiting ${(timeoutMs / 1000).toFixed(0)} s at most`)
    const startedAt = performance.now()
    const look = async (): Promise<readonly string[]> => [
      ...(await this.#stage.remains()),
      ...(before === undefined ? [] : leftOver(before.holding, takeHolding())),
    ]
    const left = await untilNothing(timeoutMs + GRACE_MS, look)
    const tookS = (performance.now() - startedAt) / 1000
    const held = { holding: takeHolding(), memory: await liveMemory() }
    if (before === undefined) return held
    this.#problems.push(...left.map((each) => `left behind: ${each}`))
    this.#figures.push(`nothing left ${tookS.toFixed(1)} s after the last call’s end`)
    const { figure, problems } = judgeMemory(before.memory, held.memory)
    this.#figures.push(figure)
    this.#problems.push(...problems)
    return held
  }

  /** Every call ended once, and in the way its kind must. */
  #judgeEndings(...sizes: readonly number[]): void {
    const expected = new Map<string, number>()
    const ended = new Map<string, number>()
    const add = (counts: Map<string, number>, ending: string, calls: number): void =>
      void counts.set(ending, (counts.get(ending) ?? 0) + calls)
    for (const [direction, kinds] of [
      ['outbound', OUTBOUND.map((kind) => ({ ...kind, ends: [kind.ends] }))],
      ['inbound', INBOUND],
    ] as const)
      for (const kind of kinds)
        for (const total of sizes)
          add(expected, `${direction} ${kind.ends.join(' or ')}`, callsOf(kind, total / 2))
    for (const [ending, calls] of this.#stage.endings) add(ended, ending, calls)
    this.#problems.push(...differences(expected, ended))
  }
}

/** `inbound canceled or hangup` takes what the plain ones leave. */
function differences(expected: ReadonlyMap<string, number>, ended: Map<string, number>): string[] {
  const problems: string[] = []
  const plain = [...expected].filter(([ending]) => !ending.includes(' or '))
  const mixed = [...expected].filter(([ending]) => ending.includes(' or '))
  for (const [ending, calls] of plain) {
    const left = (ended.get(ending) ?? 0) - calls
    ended.set(ending, left)
    if (left < 0) problems.push(`${-left} calls too few ended as ${ending}`)
  }
  for (const [endings, calls] of mixed) {
    const [direction = '', ...reasons] = endings.replaceAll(' or ', ' ').split(' ')
    let wanted = calls
    for (const reason of reasons) {
      const has = Math.max(0, ended.get(`${direction} ${reason}`) ?? 0)
      const taken = Math.min(has, wanted)
      wanted -= taken
      ended.set(`${direction} ${reason}`, has - taken)
    }
    if (wanted > 0) problems.push(`${wanted} calls too few ended as ${endings}`)
  }
  for (const [ending, calls] of ended)
    if (calls > 0) problems.push(`${calls} calls too many ended as ${ending}`)
  return problems
}

/** Begins one after the other, evenly spread; what is late is caught up with. */
async function paced<T>(
  items: readonly T[],
  seconds: number,
  begin: (item: T, index: number) => void,
): Promise<void> {
  const startedAt = performance.now()
  for (const [index, item] of items.entries()) {
    const dueMs = (index / items.length) * seconds * 1000
    const waitMs = startedAt + dueMs - performance.now()
    if (waitMs > 1) await sleep(waitMs)
    begin(item, index)
  }
}
