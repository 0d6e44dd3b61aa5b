// A lossy line: a UDP relay on loopback between two SIP parties that drops, doubles and delays by seeded chance.
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { Random } from '../../proof/seeded-random.ts'

export interface Faults {
  /** Probabilities, of each message and in each direction. */
  readonly lost: number
  readonly doubled: number
  /** Overtaken by what is sent in the next milliseconds. */
  readonly late: number
  readonly lateMs: number
}

export interface RelayCounts {
  passed: number
  lost: number
  doubled: number
  late: number
}

export interface SipRelay {
  /** Where either party sends what is meant for the other. */
  readonly near: Address
  readonly far: Address
  readonly counts: Readonly<RelayCounts>
  /** Whom it stands between; known only once both are there. */
  connect(near: Address, far: Address): void
  /** What is still delayed is dropped. */
  close(): Promise<void>
}

export interface Address {
  readonly host: string
  readonly port: number
}

const HOST = '127.0.0.1'
/** A line holds no more: what comes then is lost. */
const MAX_WAITING = 1_000

export async function openSipRelay(random: Random, faults: Faults): Promise<SipRelay> {
  const [near, far] = await Promise.all([openSocket(), openSocket()])
  const line = new Line(random, faults)
  let parties: { readonly near: Address; readonly far: Address } | undefined
  near.on('message', (bytes) => {
    if (parties) line.carry(far, bytes, parties.far)
  })
  far.on('message', (bytes) => {
    if (parties) line.carry(near, bytes, parties.near)
  })
  let closed: Promise<void> | undefined
  return {
    near: { host: HOST, port: near.address().port },
    far: { host: HOST, port: far.address().port },
    counts: line.counts,
    connect: (nearParty, farParty) => (parties = { near: nearParty, far: farParty }),
    close: () => (closed ??= closeAll(line, [near, far])),
  }
}

class Line {
  readonly counts: RelayCounts = { passed: 0, lost: 0, doubled: 0, late: 0 }
  readonly #random: Random
  readonly #faults: Faults
  readonly #waiting = new Set<NodeJS.Timeout>()

  constructor(random: Random, faults: Faults) {
    this.#random = random
    this.#faults = faults
  }

  carry(out: Socket, bytes: Buffer, to: Address): void {
    const copies = this.#random.chance(this.#faults.doubled) ? 2 : 1
    if (copies > 1) this.counts.doubled += 1
    for (let copy = 0; copy < copies; copy += 1) this.#carryOne(out, bytes, to)
  }

  #carryOne(out: Socket, bytes: Buffer, to: Address): void {
    if (this.#random.chance(this.#faults.lost) || this.#waiting.size >= MAX_WAITING) {
      this.counts.lost += 1
      return
    }
    this.counts.passed += 1
    if (!this.#random.chance(this.#faults.late)) {
      out.send(bytes, to.port, to.host)
      return
    }
    this.counts.late += 1
    const timer = setTimeout(
      () => {
        this.#waiting.delete(timer)
        out.send(bytes, to.port, to.host)
      },
      1 + this.#random.below(this.#faults.lateMs),
    )
    this.#waiting.add(timer)
  }

  dropWaiting(): void {
    for (const timer of this.#waiting) clearTimeout(timer)
    this.#waiting.clear()
  }
}

async function openSocket(): Promise<Socket> {
  const socket = createSocket('udp4').bind(0, HOST)
  await once(socket, 'listening')
  return socket
}

async function closeAll(line: Line, sockets: readonly Socket[]): Promise<void> {
  line.dropWaiting()
  for (const socket of sockets) {
    socket.close()
    await once(socket, 'close')
  }
}
