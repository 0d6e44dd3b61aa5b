// The session of a caller who is connected by a stream, as its owner in the main thread sees it: frames cross to the
// worker and back as transferred buffers. What waits between the threads is bounded: inwards by real time and by the end
// of a worker that stands still for 5 s, outwards by marks that do not come back (twilio/playback.ts).
import type { StreamSession, StreamSink } from '#core/contracts'
import type { Logger } from '#core/telemetry'
import type { StreamOutput } from './messages.ts'
import { RemoteSession, type RemoteSessionOptions } from './remote-session.ts'

export interface RemoteStreamOptions extends RemoteSessionOptions {
  readonly sink: StreamSink
  readonly logger: Logger
}

export class RemoteStream extends RemoteSession implements StreamSession {
  readonly #stream: RemoteStreamOptions
  #hasFailed = false

  constructor(options: RemoteStreamOptions) {
    super(options)
    this.#stream = options
  }

  receive(ulaw: Uint8Array<ArrayBuffer>, atMs: number): void {
    if (!this.isOpen || ulaw.length === 0) return
    // A part of a larger buffer, as of Node's pool, is copied: the rest is somebody else's.
    const whole = ulaw.length === ulaw.buffer.byteLength ? ulaw : new Uint8Array(ulaw)
    this.#stream.line.post({ type: 'stream-audio', ulaw: whole, atMs }, [whole.buffer])
  }

  played(name: string): void {
    if (this.isOpen) this.#stream.line.post({ type: 'stream-played', mark: name })
  }

  /** The worker has something for the sink. */
  streamed(output: StreamOutput): void {
    if (!this.isOpen) return
    try {
      this.#give(output)
    } catch (error) {
      // A sink's exception is its own: other sessions share this thread of messages. Once is enough to know.
      if (!this.#hasFailed) this.#stream.logger.error({ err: error }, 'a stream takes no audio')
      this.#hasFailed = true
    }
  }

  #give(output: StreamOutput): void {
    const { sink } = this.#stream
    switch (output.type) {
      case 'stream-audio':
        sink.audio(output.ulaw)
        return
      case 'stream-clear':
        sink.clear()
        return
      case 'stream-mark':
        sink.mark(output.mark)
        return
      default:
        output satisfies never
    }
  }
}
