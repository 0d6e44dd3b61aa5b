// Brings finished recordings from the spool folder into the media store: at the end of a session, of a worker that died,
// and at the next start of a process that did. What cannot be kept stays in the spool for the next start.
import type { CallEventData, CallId, MediaStore } from '#core/contracts'
import { messageOf } from '#core/errors'
import type { Logger } from '#core/telemetry'
import type { RecordedFile } from './recorder.ts'
import { leftOver, repairWav, spoolPath } from './spool.ts'

export type RecordingTold =
  | { readonly type: 'recording.stored'; readonly data: CallEventData['recording.stored'] }
  | { readonly type: 'recording.failed'; readonly data: CallEventData['recording.failed'] }
  | { readonly type: 'recording.empty'; readonly data: CallEventData['recording.empty'] }

/** Files read for their checksum at once: a hundred calls may end together, and SIP shares this thread. */
const AT_ONCE = 4

export class RecordingKeeper {
  readonly #logger: Logger
  readonly #store: MediaStore
  readonly #spoolFolder: string
  #keeping = 0
  readonly #waiting: (() => void)[] = []

  constructor(logger: Logger, store: MediaStore, spoolFolder: string) {
    this.#logger = logger
    this.#store = store
    this.#spoolFolder = spoolFolder
  }

  /** A file that its session finished. Never rejects. */
  async keep(callId: CallId, { path, durationMs }: RecordedFile): Promise<RecordingTold> {
    await this.#turn()
    try {
      const stored = await this.#store.putFile(`recordings/${callId}.wav`, path, 'audio/wav')
      const { key, bytes, sha256 } = stored
      return { type: 'recording.stored', data: { key, bytes, sha256, durationMs } }
    } catch (error) {
      this.#logger.error({ err: error, callId }, 'a recording could not be kept')
      return { type: 'recording.failed', data: { detail: messageOf(error) } }
    } finally {
      this.#keeping -= 1
      this.#waiting.shift()?.()
    }
  }

  /** A file whose writer died: as much of it as reached the disk. Never rejects. */
  async rescue(callId: CallId): Promise<RecordingTold> {
    try {
      const file = await repairWav(spoolPath(this.#spoolFolder, callId))
      if (file !== null) return await this.keep(callId, file)
      return { type: 'recording.failed', data: { detail: 'nothing of it had been written' } }
    } catch (error) {
      this.#logger.error({ err: error, callId }, 'a recording could not be mended')
      return { type: 'recording.failed', data: { detail: messageOf(error) } }
    }
  }

  async #turn(): Promise<void> {
    while (this.#keeping >= AT_ONCE)
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#keeping += 1
  }

  /** Those a former run left, one after the other. */
  async *rescueLeftOver(): AsyncGenerator<{
    readonly callId: CallId
    readonly told: RecordingTold
  }> {
    for (const { callId } of await leftOver(this.#spoolFolder))
      yield { callId, told: await this.rescue(callId) }
  }
}
