// The 20 ms clock of all sessions of one worker: a wheel of 20 slots of 1 ms and a single timer. Ticks are counted
// on the absolute monotonic clock, so nothing drifts; after a stall missed frames are skipped, never sent in a burst.
import { FRAME_MS } from '#core/contracts'

/** A frame sent later than this after its own tick is counted as late (the goal of the RTP pacing figures). */
const LATE_AFTER_MS = 5

/** Told of each frame: the tick it stands for, and how many frames before it were skipped. */
export interface PacedMember {
  onFrame(tickMs: number, skipped: number): void
}

export interface FramePacerOptions {
  /** Milliseconds of a monotonic clock, with a fraction. */
  readonly now: () => number
  readonly onLateFrames: (count: number) => void
}

/** A member's seat on the wheel. */
export interface PacerSeat {
  /**
   * Starts the frames of this member anew from now: the caller sends one at once, on the tick returned, and the next
   * comes 20 ms later.
   */
  restart(): number
  /** Moves the next frame to this many whole milliseconds after the frame that is being served. */
  postpone(delayMs: number): void
  leave(): void
}

interface Seat extends PacerSeat {
  readonly member: PacedMember
  dueTick: number
}

export class FramePacer {
  readonly #slots = Array.from({ length: FRAME_MS }, () => new Set<Seat>())
  readonly #now: () => number
  readonly #onLateFrames: (count: number) => void
  /** The clock's value at tick 0. */
  readonly epochMs: number
  #seats = 0
  /** The next tick to serve. */
  #nextTick = 0
  #timer: NodeJS.Timeout | null = null

  constructor(options: FramePacerOptions) {
    this.#now = options.now
    this.#onLateFrames = options.onLateFrames
    this.epochMs = options.now()
  }

  get seatCount(): number {
    return this.#seats
  }

  /** The first frame is due one frame from now. */
  join(member: PacedMember): PacerSeat {
    const seat: Seat = {
      member,
      dueTick: this.#tickNow() + FRAME_MS,
      restart: () => this.#restart(seat),
      postpone: (delayMs) => this.#postpone(seat, delayMs),
      leave: () => this.#leave(seat),
    }
    this.#slotOf(seat).add(seat)
    this.#seats += 1
    this.#arm()
    return seat
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    for (const slot of this.#slots) slot.clear()
    this.#seats = 0
  }

  #restart(seat: Seat): number {
    // Never the tick of its last frame: no two packets carry one timestamp.
    const tick = Math.max(this.#tickNow(), seat.dueTick - FRAME_MS + 1)
    if (this.#slotOf(seat).delete(seat)) {
      seat.dueTick = tick + FRAME_MS
      this.#slotOf(seat).add(seat)
    }
    return tick
  }

  /** While a frame is served its seat is due a frame later already. */
  #postpone(seat: Seat, delayMs: number): void {
    if (!this.#slotOf(seat).delete(seat)) return
    seat.dueTick += Math.max(1, Math.round(delayMs)) - FRAME_MS
    this.#slotOf(seat).add(seat)
  }

  #leave(seat: Seat): void {
    if (!this.#slotOf(seat).delete(seat)) return
    this.#seats -= 1
    if (this.#seats > 0 || this.#timer === null) return
    clearTimeout(this.#timer)
    this.#timer = null
  }

  readonly #run = (): void => {
    this.#timer = null
    const last = this.#tickNow()
    // A stall of a whole turn or more: each slot is served once, and its members see what they missed.
    const first = Math.max(this.#nextTick, last - FRAME_MS + 1)
    for (let tick = first; tick <= last; tick += 1) this.#serve(tick)
    this.#nextTick = last + 1
    this.#arm()
  }

  #serve(tick: number): void {
    const slot = this.#slots[tick % FRAME_MS]
    if (slot === undefined || slot.size === 0) return
    const late = this.#now() - this.epochMs - tick > LATE_AFTER_MS
    if (late) this.#onLateFrames(slot.size)
    for (const seat of slot) {
      // One that restarted into this very slot has its next turn a frame from now.
      if (seat.dueTick > tick) continue
      const skipped = (tick - seat.dueTick) / FRAME_MS
      seat.dueTick = tick + FRAME_MS
      seat.member.onFrame(tick, skipped)
    }
  }

  #arm(): void {
    if (this.#timer !== null || this.#seats === 0) return
    const now = this.#now() - this.epochMs
    const next = this.#nextOccupied(Math.max(this.#nextTick, Math.floor(now)))
    // Rounded up: Node cuts fractions off, and a timer that fires early only wakes the thread twice.
    this.#timer = setTimeout(this.#run, Math.ceil(next - now))
  }

  /** The first tick from `from` on whose slot has members. */
  #nextOccupied(from: number): number {
    for (let tick = from; tick < from + FRAME_MS; tick += 1) {
      if ((this.#slots[tick % FRAME_MS]?.size ?? 0) > 0) return tick
    }
    return from + FRAME_MS
  }

  #slotOf(seat: Seat): Set<Seat> {
    const slot = this.#slots[seat.dueTick % FRAME_MS]
    if (slot === undefined) throw new RangeError(`no slot for tick ${seat.dueTick}`)
    return slot
  }

  #tickNow(): number {
    return Math.floor(this.#now() - this.epochMs)
  }
}
