// Our end of the speech thread: started by the first request, ended when nothing was asked for a while.
import { Worker } from 'node:worker_threads'
import { ms } from '#core/contracts'
import { AppError, codeOf, messageOf } from '#core/errors'
import { waitFor } from '#core/lifecycle'
import type { Logger } from '#core/telemetry'
import type { SpeechAnswer, SpeechAsked, SpeechThreadData } from './thread-messages.ts'

/** Loading the library on a busy machine, and two attempts of ten seconds. */
const REPLY_TIMEOUT = ms(30_000)
/** Most prompts come from the disk; the memory of a thread that is not needed serves the rest of the process. */
const IDLE_MS = 300_000
/** More is a flood. */
const MAX_ASKED = 32

interface Waiting {
  resolve(audio: Uint8Array): void
  reject(error: Error): void
}

export interface SpeechThread {
  /** @throws AppError `SPEECH_UNAVAILABLE`. */
  speak(text: string, language: string | undefined): Promise<Uint8Array>
  /** Idempotent. */
  close(): Promise<void>
}

export const speechUnavailable = (why: string, cause?: unknown): AppError =>
  new AppError('SPEECH_UNAVAILABLE', `the words could not be spoken: ${why}`, { cause })

export const createSpeechThread = (logger: Logger, data: SpeechThreadData): SpeechThread =>
  new LazyThread(logger, data)

class LazyThread implements SpeechThread {
  readonly #logger: Logger
  readonly #data: SpeechThreadData
  readonly #waiting = new Map<number, Waiting>()
  #worker: Worker | null = null
  #idle: NodeJS.Timeout | null = null
  #nextId = 1
  #closed: Promise<void> | null = null

  constructor(logger: Logger, data: SpeechThreadData) {
    this.#logger = logger
    this.#data = data
  }

  async speak(text: string, language: string | undefined): Promise<Uint8Array> {
    if (this.#closed !== null) throw speechUnavailable('we are shutting down')
    if (this.#waiting.size >= MAX_ASKED) throw speechUnavailable('too much was asked at once')
    const id = this.#nextId
    this.#nextId += 1
    const answered = new Promise<Uint8Array>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
    })
    try {
      this.#post({ id, text, ...(language !== undefined && { language }) })
      return await waitFor(answered, { name: 'text to speech', timeout: REPLY_TIMEOUT })
    } catch (error) {
      if (codeOf(error) !== 'TIMED_OUT') throw error
      throw speechUnavailable('the vendor did not answer in time', error)
    } finally {
      this.#waiting.delete(id)
      this.#rest()
    }
  }

  close(): Promise<void> {
    this.#closed ??= this.#end('we are shutting down')
    return this.#closed
  }

  #post(asked: SpeechAsked): void {
    if (this.#idle !== null) clearTimeout(this.#idle)
    this.#idle = null
    this.#worker ??= this.#start()
    // The process lives for as long as an answer is owed, and no longer.
    this.#worker.ref()
    this.#worker.postMessage(asked)
  }

  #start(): Worker {
    const worker = new Worker(new URL('./thread.ts', import.meta.url), {
      name: 'speech',
      workerData: this.#data,
    })
    worker.on('message', (answer: SpeechAnswer) => this.#answered(answer))
    worker.on('error', (error) => {
      this.#logger.error({ err: error }, 'the speech thread failed')
      if (this.#worker === worker) this.#lost(`its thread failed: ${messageOf(error)}`)
    })
    worker.on('exit', () => {
      if (this.#worker === worker) this.#lost('its thread has ended')
    })
    return worker
  }

  #answered(answer: SpeechAnswer): void {
    const waiting = this.#waiting.get(answer.id)
    if (answer.kind === 'refused') {
      waiting?.reject(speechUnavailable(answer.why))
      return
    }
    if (answer.importMs > 0)
      this.#logger.debug({ importMs: answer.importMs }, 'text to speech library loaded')
    waiting?.resolve(answer.audio)
  }

  /** The next request starts another one. */
  #lost(why: string): void {
    this.#worker = null
    for (const waiting of this.#waiting.values()) waiting.reject(speechUnavailable(why))
    this.#waiting.clear()
  }

  #rest(): void {
    if (this.#waiting.size > 0 || this.#worker === null) return
    this.#worker.unref()
    if (this.#idle !== null) clearTimeout(this.#idle)
    this.#idle = setTimeout(() => void this.#end('its thread was idle'), IDLE_MS)
    this.#idle.unref()
  }

  async #end(why: string): Promise<void> {
    const worker = this.#worker
    if (this.#idle !== null) clearTimeout(this.#idle)
    this.#lost(why)
    await worker?.terminate()
  }
}
