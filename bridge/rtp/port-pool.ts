// The RTP ports of one worker: even ones of its part of the range, each with the odd one above it for RTCP, in a ring
// from a random start. A pair rests after use, so that the tail of one call's audio is never heard in the next.
import { AppError, systemCodeOf } from '#core/errors'
import { randomInt } from 'node:crypto'

export interface PortRange {
  readonly min: number
  readonly max: number
}

export interface PortPoolOptions extends PortRange {
  /** How long a port rests after use. */
  readonly quarantineMs: number
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number
}

interface RestingPort {
  readonly port: number
  readonly freeAtMs: number
}

export class PortPool {
  readonly #free: number[]
  readonly #resting: RestingPort[] = []
  readonly #used = new Set<number>()
  readonly #quarantineMs: number
  readonly #now: () => number

  constructor(options: PortPoolOptions) {
    this.#free = evenPortsFromRandomStart(options)
    this.#quarantineMs = options.quarantineMs
    this.#now = options.now
  }

  get inUse(): number {
    return this.#used.size
  }

  /** Pairs that could be taken now. */
  get available(): number {
    this.#endQuarantines()
    return this.#free.length
  }

  /**
   * Takes a pair and opens it, named by its even port. Those of which another program holds a port are rested and the
   * next is tried.
   * @throws AppError `MEDIA_EXHAUSTED` when none is left; whatever else `open` throws, with the port given back.
   */
  async acquire<T>(open: (port: number) => Promise<T>): Promise<T> {
    for (let tries = this.available; tries > 0; tries -= 1) {
      const port = this.#free.shift()
      if (port === undefined) break
      this.#used.add(port)
      try {
        return await open(port)
      } catch (error) {
        this.release(port)
        if (!isPortTaken(error)) throw error
      }
    }
    throw new AppError('MEDIA_EXHAUSTED', 'no RTP port is free', {
      details: { ports_in_use: this.#used.size, ports_resting: this.#resting.length },
    })
  }

  /** Idempotent. */
  release(port: number): void {
    if (!this.#used.delete(port)) return
    this.#resting.push({ port, freeAtMs: this.#now() + this.#quarantineMs })
  }

  #endQuarantines(): void {
    const now = this.#now()
    let oldest = this.#resting[0]
    while (oldest !== undefined && oldest.freeAtMs <= now) {
      this.#resting.shift()
      this.#free.push(oldest.port)
      oldest = this.#resting[0]
    }
  }
}

/** How many pairs are in it: so many calls can have audio at a time. */
export const pairsIn = ({ min, max }: PortRange): number =>
  Math.max(0, Math.floor((max - evenFrom(min) + 1) / 2))

const evenFrom = (port: number): number => port + (port % 2)

/** One part a worker, each beginning on an even port and of whole pairs; the last takes the rest. */
export function partitionPorts(range: PortRange, parts: number): readonly PortRange[] {
  const first = evenFrom(range.min)
  const pairs = pairsIn(range)
  const share = Math.floor(pairs / parts)
  if (share < 1) {
    throw new AppError(
      'CONFIGURATION_INVALID',
      'the RTP range has no pair of ports for each worker',
      {
        details: { rtp_port_min: range.min, rtp_port_max: range.max, workers: parts },
      },
    )
  }
  return Array.from({ length: parts }, (_, part) => ({
    min: first + part * share * 2,
    max: part === parts - 1 ? range.max : first + (part + 1) * share * 2 - 1,
  }))
}

/** RFC 3550 §11: RTP on even ports, RTCP on the next. The random start keeps a restarted process off ports still being sent to. */
function evenPortsFromRandomStart({ min, max }: PortRange): number[] {
  const ports: number[] = []
  for (let port = evenFrom(min); port < max; port += 2) ports.push(port)
  const start = ports.length > 0 ? randomInt(ports.length) : 0
  return [...ports.slice(start), ...ports.slice(0, start)]
}

function isPortTaken(error: unknown): boolean {
  const code = systemCodeOf(error)
  return code === 'EADDRINUSE' || code === 'EACCES'
}
