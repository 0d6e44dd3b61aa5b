// A network between two RTP sockets that loses, delays, reorders and repeats packets: the same in every run of a seed.

import { TimerSet } from './timer-set.ts'

export interface Impairments {
  /** Of all packets, 0 to 100. */
  readonly lossPercent?: number
  /** Mean length of a loss in packets: 1 (default) is random loss, more comes in bursts (Gilbert). */
  readonly burstPackets?: number
  /** Each packet takes between 0 and so much longer; the order is kept. */
  readonly jitterMs?: number
  /** Packets that arrive right after the one that was sent behind them. */
  readonly reorderPercent?: number
  readonly duplicatePercent?: number
}

export interface NetworkHabit {
  /** Default 1. */
  readonly seed?: number
  /** On what the phone sends. */
  readonly sent?: Impairments
  /** On what it receives. */
  readonly received?: Impairments
}

export interface NetworkPath {
  pass(packet: Buffer): void
  close(): void
}

/** A packet held back for reordering goes out by then, whether another follows or not. */
const HELD_AT_MOST_MS = 100
const DUPLICATE_AFTER_MS = 3

export function createNetworkPath(
  impairments: Impairments | undefined,
  seed: number,
  deliver: (packet: Buffer) => void,
): NetworkPath {
  if (impairments === undefined) return { pass: deliver, close: () => undefined }
  const timers = new TimerSet()
  const random = createRandom(seed)
  const loses = createLoss(impairments, random)
  const { jitterMs = 0, reorderPercent = 0, duplicatePercent = 0 } = impairments
  const happens = (percent: number): boolean => percent > 0 && random() * 100 < percent
  let lastDueAt = 0
  let held: Buffer | undefined
  /** In order; timers of the same millisecond need not be. */
  const underWay: Buffer[] = []

  const release = (): void => {
    const packet = held
    held = undefined
    if (packet) deliver(packet)
  }
  const arrive = (packet: Buffer): void => {
    deliver(packet)
    release()
  }

  return {
    pass(packet) {
      if (loses()) return
      if (happens(duplicatePercent)) {
        timers.after(jitterMs + DUPLICATE_AFTER_MS, () => deliver(packet))
      }
      if (!held && happens(reorderPercent)) {
        held = packet
        timers.after(HELD_AT_MOST_MS, () => {
          if (held === packet) release()
        })
        return
      }
      if (jitterMs === 0) {
        arrive(packet)
        return
      }
      const now = performance.now()
      lastDueAt = Math.max(lastDueAt, now + random() * jitterMs)
      underWay.push(packet)
      timers.after(lastDueAt - now, () => {
        const next = underWay.shift()
        if (next) arrive(next)
      })
    },
    close: () => timers.close(),
  }
}

/** Two states, good and bad; everything is lost in the bad one, which lasts `burstPackets` in the mean. */
function createLoss(impairments: Impairments, random: () => number): () => boolean {
  const { lossPercent = 0, burstPackets = 1 } = impairments
  const share = lossPercent / 100
  if (share <= 0) return () => false
  if (burstPackets <= 1) return () => random() < share
  const leavesBad = 1 / burstPackets
  const entersBad = (leavesBad * share) / (1 - share)
  let isBad = false
  return () => (isBad = isBad ? random() >= leavesBad : random() < entersBad)
}

/** Mulberry32. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
