// npm run proof -- sip-fuzz: a million hostile inputs, over SIP, over drachtio's protocol and as SDP. None crashes
// anything, what is answered is answered right, and nothing is left behind.
import { readFileSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import { leftOver, takeHolding, untilNothing, type Holding } from '../baseline.ts'
import { judgeMemory, liveMemory, type LiveMemory } from '../live-memory.ts'
import type { Proof, ProofOptions, ProofReport } from '../proof.ts'
import { seededRandom } from '../seeded-random.ts'
import { openStage, type Stage } from '../stage/gateway-stage.ts'
import { fuzzFrames } from './frame-fuzz.ts'
import { FuzzPeer, type Fuzzing } from './fuzz-peer.ts'
import { InputBook } from './input-book.ts'
import { dialogLane, requestLane, responseLane } from './lanes.ts'
import { judgeSdp, nextSdp } from './sdp-fuzz.ts'
import type { Address } from './wire.ts'
import { watchForStalls } from './stall-watch.ts'

export const sipFuzz: Proof = {
  about:
    'a million hostile SIP messages, frames and SDPs: no crash, right answers, nothing left behind',
  defaultCount: 1_000_000,
  run: (options) => new SipFuzz(options).run(),
}

/** 64·T1 is 1.28 s. */
const TIMERS = { t1Ms: 20, t2Ms: 160, t4Ms: 200 }
const TIMEOUT_MS = 64 * TIMERS.t1Ms
/** A 200 OK without ACK, then a BYE without answer, then timer K or J; and as much again for a busy machine. */
const SETTLE_MS = 6 * TIMEOUT_MS + 10_000
/** All parties come from one address. */
const MANY = 10_000
const SDP_SHARE = 0.2
const FRAME_SHARE = 0.01
/** Before this part of the inputs the process is still finding its size. */
const WARM_UP_SHARE = 0.1
const REQUEST_LANES = 3
const MAX_PROBLEMS = 5
const EVIDENCE_INPUTS = 400

interface Settled {
  readonly holding: Holding
  readonly memory: LiveMemory
}

class SipFuzz {
  readonly #options: ProofOptions
  readonly #book: InputBook
  readonly #tally = new Map<string, number>()
  readonly #problems: string[] = []
  readonly #evidence: string[] = []
  readonly #figures: string[] = []
  #stage: Stage | undefined
  #done = 0
  #limit = 0

  constructor(options: ProofOptions) {
    this.#options = options
    this.#book = new InputBook(options.transport)
  }

  async run(): Promise<ProofReport> {
    const defect = (error: unknown): void =>
      this.#problem(`thrown at the gateway: ${textOf(error)}`)
    // drachtio-srf drops what it cannot read, and says so there only; what it merely does not like is in words.
    const complaint = (error: unknown): void => {
      if (error instanceof Error) defect(error)
      else this.#count('complaints of drachtio-srf')
    }
    const { error: toTerminal } = console
    console.error = complaint
    process.on('uncaughtException', defect)
    process.on('unhandledRejection', defect)
    const watch = watchForStalls((ms) =>
      this.#problem(`one message kept the gateway's thread busy for ${ms.toFixed(0)} ms`),
    )
    try {
      await this.#fuzzSip()
      await this.#fuzzSdp()
    } finally {
      watch.stop()
      console.error = toTerminal
      process.off('uncaughtException', defect)
      process.off('unhandledRejection', defect)
    }
    const tally = [...this.#tally].sort(([a], [b]) => a.localeCompare(b))
    this.#figures.push(`what came of them: ${tally.map(([what, n]) => `${n} ${what}`).join(', ')}`)
    return { figures: this.#figures, problems: this.#problems, evidence: this.#evidence }
  }

  async #fuzzSip(): Promise<void> {
    const { count, seed, transport } = this.#options
    const atStart = takeHolding()
    const fuzzing = this.#fuzzing()
    // Calls out go over UDP: whoever is called is known by an address.
    const callee = await FuzzPeer.open('out', fuzzing, seededRandom(seed + 1), 'udp')
    const stage = (this.#stage = await openStage({
      trunkDomain: callee.wire.local,
      sip: {
        timers: TIMERS,
        limits: { maxConnections: MANY, maxConnectionsPerAddress: MANY },
        // All of it is read; strangers are the business of gate-fuzz.test.ts.
        gate: { known: [LOOPBACK.host], strangers: 'drop' },
        listen: [...new Set(['udp', transport] as const)].map((protocol) => ({
          protocol,
          ...LOOPBACK,
        })),
      },
      answeredBy: () => ({ ready: 0, talk: 2_000 }),
    }))
    const sip = Math.round(count * (1 - SDP_SHARE - FRAME_SHARE))
    let tookMs = await this.#runLanes(fuzzing, callee, Math.round(sip * WARM_UP_SHARE))
    const warm = await this.#settled(stage, undefined)
    tookMs += await this.#runLanes(fuzzing, callee, sip)
    const perSecond = ((this.#done / tookMs) * 1000).toFixed(0)
    this.#figures.push(`${this.#done} SIP messages over ${transport}, ${perSecond} a second`)
    if (transport === 'udp') this.#figures.push(...unseen(stage.port))
    const frames = Math.round(count * FRAME_SHARE)
    this.#limit = sip + frames
    await fuzzFrames(stage, fuzzing, seededRandom(seed + 2), callee.wire.local)
    this.#figures.push(`${frames} frames of an application`)
    await this.#settled(stage, warm)
    await stage.close()
    await callee.close()
    this.#stage = undefined
    this.#report(
      await untilNothing(5_000, () => leftOver(atStart, takeHolding())),
      'after the end: ',
    )
  }

  /** Hostile parties beside each other, each by its own chance, up to so many inputs. */
  async #runLanes(fuzzing: Fuzzing, callee: FuzzPeer, limit: number): Promise<number> {
    const { seed, transport } = this.#options
    const stage = this.#open()
    const uri = `sip:+4930100@${stage.host}:${stage.port}`
    const from = this.#limit
    this.#limit = limit
    const peers = await Promise.all(
      Array.from({ length: REQUEST_LANES + 1 }, (_, index) =>
        FuzzPeer.open(
          `in${index}-${from}`,
          fuzzing,
          seededRandom(seed + 10 + index + from),
          transport,
        ),
      ),
    )
    const [inDialog, ...outside] = peers
    const random = (lane: number) => seededRandom(seed + 100 + lane + from)
    const lanes = outside.map((peer, index) => requestLane(peer, random(index), uri))
    if (inDialog) lanes.push(dialogLane(inDialog, fuzzing, random(10), uri))
    lanes.push(responseLane(callee, fuzzing, random(11), uri, () => this.#open()))
    const startedAt = performance.now()
    await Promise.all(lanes.map((lane) => lane()))
    const tookMs = performance.now() - startedAt
    // Calls that were answered by mistake are still being hung up.
    await untilNothing(SETTLE_MS, () => stage.remains())
    await Promise.all(peers.map((peer) => peer.close()))
    return tookMs
  }

  /** Everything of every call is over; compared with an earlier such moment when there is one. */
  async #settled(stage: Stage, before: Settled | undefined): Promise<Settled> {
    this.#report(await untilNothing(SETTLE_MS, () => stage.remains()), 'left behind: ')
    this.#report(stage.defects.splice(0), '')
    this.#book.clear()
    const held = { holding: takeHolding(), memory: await liveMemory() }
    if (before === undefined) return held
    const { holding, memory } = before
    this.#report(await untilNothing(5_000, () => leftOver(holding, takeHolding())), 'left behind: ')
    const { figure, problems } = judgeMemory(memory, held.memory)
    this.#figures.push(figure)
    this.#report(problems, '')
    return held
  }

  async #fuzzSdp(): Promise<void> {
    const { count, progress, seed } = this.#options
    const random = seededRandom(seed + 3)
    const startedAt = performance.now()
    const inputs = count - this.#done
    for (let n = 0; n < inputs && !this.#isOver(); n += 1) {
      const sdp = nextSdp(random)
      const { kind, problem } = judgeSdp(sdp)
      this.#count(`SDP ${kind}`)
      if (problem !== undefined) this.#problem(`SDP: ${problem}`, sdp)
      this.#done += 1
      if (n % SDP_TURN !== 0) continue
      progress.at(this.#done)
      await turn()
    }
    const tookS = (performance.now() - startedAt) / 1000
    this.#figures.push(`${inputs} SDPs, ${(inputs / tookS).toFixed(0)} a second`)
  }

  #fuzzing(): Fuzzing {
    return {
      server: (transport) => this.#addressOf(transport),
      book: this.#book,
      next: () => {
        if (this.#done >= this.#limit || this.#isOver()) return undefined
        this.#options.progress.at(this.#done)
        return (this.#done += 1)
      },
      tally: (what) => this.#count(what),
      problem: (text, evidence) => this.#problem(text, evidence),
    }
  }

  #addressOf(transport: 'udp' | 'tcp'): Address {
    const { addresses } = this.#open().sip
    return addresses.find(({ protocol }) => protocol === transport) ?? LOOPBACK
  }

  #open(): Stage {
    if (this.#stage === undefined) throw new Error('the stage is not open')
    return this.#stage
  }

  /** A defect of the server counts at once: the inputs that led to it are still in the book. */
  #isOver(): boolean {
    this.#report(this.#stage?.defects.splice(0) ?? [], '')
    return this.#problems.length >= MAX_PROBLEMS
  }

  #count(what: string): void {
    this.#tally.set(what, (this.#tally.get(what) ?? 0) + 1)
  }

  #report(texts: readonly string[], lead: string): void {
    for (const text of texts) this.#problem(`${lead}${text}`)
  }

  #problem(text: string, evidence?: string): void {
    if (this.#problems.length >= MAX_PROBLEMS) return
    this.#problems.push(text)
    if (evidence !== undefined) this.#evidence.push(`${text}: ${JSON.stringify(evidence)}`)
    if (this.#problems.length === 1)
      this.#evidence.push(
        'the latest inputs, the newest first:',
        ...this.#book.latest(EVIDENCE_INPUTS),
      )
  }
}

const LOOPBACK = { host: '127.0.0.1', port: 0 } as const
/** SDPs between two turns of the event loop. */
const SDP_TURN = 500

const textOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error)

/** What the system dropped because the server's socket buffer was full: inputs that were never tried. */
function unseen(port: number): readonly string[] {
  try {
    const hex = port.toString(16).toUpperCase().padStart(4, '0')
    const line = readFileSync('/proc/net/udp', 'utf8')
      .split('\n')
      .find((each) => each.includes(`0100007F:${hex} `))
    const drops = line?.trim().split(/\s+/).at(-1)
    return drops === undefined
      ? []
      : [`${drops} of them never reached the server: its socket buffer was full`]
  } catch {
    return [] // Not Linux.
  }
}
