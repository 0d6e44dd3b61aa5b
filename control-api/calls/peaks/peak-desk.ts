// Peaks of recordings for whoever asks: each file is read once for all who wait for it, few at a time and with a
// deadline, and what came of it is kept for a while. Files never change; one that was put again has another checksum.
import { setMaxListeners } from 'node:events'
import type { MediaStore, Milliseconds } from '#core/contracts'
import { ms } from '#core/contracts'
import { AppError } from '#core/errors'
import { inBackground, type Logger } from '#core/telemetry'
import { scanPeaks, type Peaks } from './peak-scan.ts'

export interface RecordingName {
  /** In the media store. */
  readonly key: string
  readonly sha256: string
}

export interface PeakDesk {
  /**
   * Undefined when there is no such file, or none of our format. Whether the call still has the recording is for the
   * caller to find out, before and after: this may take seconds.
   * @throws AppError `TOO_MANY_REQUESTS`, `STORAGE_UNAVAILABLE`
   */
  peaksOf(name: RecordingName): Promise<Peaks | undefined>
  /** Nothing of it is known any more. */
  forget(key: string): void
  /** Reading ends; who waits is told. */
  close(): void
}

export interface PeakDeskConfig {
  /** Files read at once. */
  readonly atOnce: number
  readonly waiting: number
  /** Of one request, its wait included. */
  readonly deadline: Milliseconds
  readonly kept: number
  readonly keptFor: Milliseconds
  /** Whoever erases a recording deletes its file, here or on another node: so often what is kept is compared. */
  readonly comparedEvery: Milliseconds
}

export interface PeakDeskDeps {
  readonly mediaStore: Pick<MediaStore, 'open' | 'size'>
  readonly logger: Logger
}

/** At most 2.9 MB each: 23 MB. An hour of audio is read in half a second; our own page waits 20 s for an answer. */
const USUAL: PeakDeskConfig = {
  atOnce: 2,
  waiting: 16,
  deadline: ms(15_000),
  kept: 8,
  keptFor: ms(300_000),
  comparedEvery: ms(5000),
}

export const createPeakDesk = (
  deps: PeakDeskDeps,
  config: Partial<PeakDeskConfig> = {},
): PeakDesk => new Desk(deps, { ...USUAL, ...config })

interface Kept {
  readonly sha256: string
  readonly peaks: Peaks
  readonly until: number
}

interface Work {
  readonly sha256: string
  readonly promise: Promise<Peaks | undefined>
}

class Desk implements PeakDesk {
  readonly #deps: PeakDeskDeps
  readonly #config: PeakDeskConfig
  /** The one asked for last is the last. */
  readonly #kept = new Map<string, Kept>()
  readonly #work = new Map<string, Work>()
  readonly #line: (() => void)[] = []
  readonly #closing = new AbortController()
  #running = 0
  #comparing: NodeJS.Timeout | undefined
  #isComparing = false

  constructor(deps: PeakDeskDeps, config: PeakDeskConfig) {
    this.#deps = deps
    this.#config = config
    setMaxListeners(2 * (config.atOnce + config.waiting), this.#closing.signal)
  }

  async peaksOf(name: RecordingName): Promise<Peaks | undefined> {
    const { key, sha256 } = name
    const known = this.#kept.get(key)
    if (known?.sha256 === sha256) {
      this.#kept.delete(key)
      this.#kept.set(key, known)
      return known.peaks
    }
    this.#drop(key)
    const begun = this.#work.get(key)
    if (begun?.sha256 === sha256) return begun.promise
    if (this.#line.length >= this.#config.waiting)
      throw new AppError('TOO_MANY_REQUESTS', 'Many recordings are being read already.')
    const work: Work = { sha256, promise: this.#read(name) }
    this.#work.set(key, work)
    try {
      const peaks = await work.promise
      // Forgotten meanwhile: it is told, and not kept.
      if (peaks !== undefined && this.#work.get(key) === work) this.#keep(name, peaks)
      return peaks
    } finally {
      if (this.#work.get(key) === work) this.#work.delete(key)
    }
  }

  forget(key: string): void {
    this.#drop(key)
    this.#work.delete(key)
  }

  close(): void {
    this.#closing.abort(unavailable('The process is closing.'))
    for (const key of [...this.#kept.keys()]) this.forget(key)
  }

  async #read({ key }: RecordingName): Promise<Peaks | undefined> {
    const { deadline } = this.#config
    const late = new AbortController()
    const timer = setTimeout(() => {
      late.abort(unavailable(`Reading the recording took longer than ${deadline / 1000} s.`))
    }, deadline)
    const signal = AbortSignal.any([late.signal, this.#closing.signal])
    try {
      await this.#turn(signal)
      try {
        return await this.#scan(key, signal)
      } finally {
        this.#leave()
      }
    } finally {
      clearTimeout(timer)
    }
  }

  /** Two at a time, in the order in which they came. */
  async #turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.#running < this.#config.atOnce) {
      this.#running += 1
      return
    }
    await new Promise<void>((resolve, reject) => {
      const enter = (): void => {
        signal.removeEventListener('abort', giveUp)
        resolve()
      }
      const giveUp = (): void => {
        this.#line.splice(this.#line.indexOf(enter), 1)
        reject(reasonOf(signal))
      }
      signal.addEventListener('abort', giveUp, { once: true })
      this.#line.push(enter)
    })
  }

  /** The place goes to the next one in the line. */
  #leave(): void {
    const next = this.#line.shift()
    if (next === undefined) this.#running -= 1
    else next()
  }

  async #scan(key: string, signal: AbortSignal): Promise<Peaks | undefined> {
    const opened = await this.#open(key, signal)
    if (opened === undefined) return undefined
    const { stream, totalBytes } = opened
    const stop = (): void => void stream.destroy(reasonOf(signal))
    signal.addEventListener('abort', stop, { once: true })
    try {
      signal.throwIfAborted()
      return await scanPeaks(stream, totalBytes)
    } catch (error) {
      if (error instanceof AppError) throw error
      throw unavailable('The recording could not be read to its end.', error)
    } finally {
      signal.removeEventListener('abort', stop)
      stream.destroy()
    }
  }

  /** A store that does not answer holds nobody up; a file that it opens too late is closed unread. */
  async #open(key: string, signal: AbortSignal): ReturnType<MediaStore['open']> {
    signal.throwIfAborted()
    const { mediaStore, logger } = this.#deps
    const { promise: givenUp, reject } = Promise.withResolvers<never>()
    const opening = mediaStore.open(key)
    const giveUp = (): void => {
      const closed = opening.then((opened) => opened?.stream.destroy())
      inBackground(closed, logger, 'opening a recording that nobody waits for')
      reject(reasonOf(signal))
    }
    signal.addEventListener('abort', giveUp, { once: true })
    try {
      return await Promise.race([opening, givenUp])
    } finally {
      signal.removeEventListener('abort', giveUp)
    }
  }

  #keep({ key, sha256 }: RecordingName, peaks: Peaks): void {
    if (this.#closing.signal.aborted) return
    const until = performance.now() + this.#config.keptFor
    this.#kept.set(key, { sha256, peaks, until })
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > this.#config.kept && oldest !== undefined) this.#drop(oldest)
    this.#comparing ??= setInterval(() => {
      inBackground(this.#compare(), this.#deps.logger, 'comparing peaks with their recordings')
    }, this.#config.comparedEvery).unref()
  }

  async #compare(): Promise<void> {
    if (this.#isComparing) return
    this.#isComparing = true
    try {
      for (const [key, kept] of [...this.#kept]) {
        const isOver = performance.now() >= kept.until
        const isGone = isOver || (await this.#deps.mediaStore.size(key)) === undefined
        // Another one may have taken its place meanwhile.
        if (isGone && this.#kept.get(key) === kept) this.forget(key)
      }
    } finally {
      this.#isComparing = false
    }
  }

  #drop(key: string): void {
    this.#kept.delete(key)
    if (this.#kept.size > 0) return
    clearInterval(this.#comparing)
    this.#comparing = undefined
  }
}

const unavailable = (why: string, cause?: unknown): AppError =>
  new AppError('STORAGE_UNAVAILABLE', why, cause === undefined ? {} : { cause })

const reasonOf = ({ reason }: AbortSignal): Error =>
  reason instanceof Error ? reason : unavailable(String(reason))
