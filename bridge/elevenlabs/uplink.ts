// Caller audio → agent, in its format: one small JSON message a frame, bounded where the network does not keep up.
import type { AgentAudioFormat, TelephoneCodec } from '#core/contracts'
import type { AgentCodec } from '../audio/agent-codec.ts'
import type { AgentSocket } from './agent-socket.ts'
import { callerMessage, wireBytesOf } from './caller-message.ts'
import type { EarlyPiece } from './early-audio.ts'

/** What may wait for the network: beyond it the agent would answer words long past. */
const MAX_WAITING_MS = 2000

export interface Uplink {
  /** What was kept before the session could hear; never dropped. */
  sendEarly(pieces: readonly EarlyPiece[]): void
  /** One live frame; dropped and counted while more than 2 s wait for the network. */
  send(line: Uint8Array, codec: TelephoneCodec): void
  /** Bytes of the line that were dropped. */
  droppedBytes(): number
}

export interface UplinkOptions {
  readonly socket: Pick<AgentSocket, 'send' | 'bufferedBytes'>
  readonly codec: Pick<AgentCodec, 'toAgent'>
  /** What the agent hears. */
  readonly format: AgentAudioFormat
  readonly frameMs: number
}

export function createUplink({ socket, codec, format, frameMs }: UplinkOptions): Uplink {
  const bound = (MAX_WAITING_MS / frameMs) * wireBytesOf((bytesPerSecond(format) * frameMs) / 1000)
  let droppedBytes = 0
  let maxBufferedBytes = bound
  const pass = (line: Uint8Array, lineCodec: TelephoneCodec): void => {
    const audio = codec.toAgent(line, lineCodec)
    // A resampler may keep the first samples to itself.
    if (audio.byteLength > 0) socket.send(callerMessage(audio))
  }
  return {
    sendEarly(pieces) {
      for (const piece of pieces) pass(piece.line, piece.codec)
      // A kept ten seconds may itself be more than the bound: live frames get their two seconds behind it.
      maxBufferedBytes = bound + socket.bufferedBytes()
    },
    send(line, lineCodec) {
      const bufferedBytes = socket.bufferedBytes()
      if (bufferedBytes > maxBufferedBytes) {
        droppedBytes += line.byteLength
        return
      }
      if (bufferedBytes < bound) maxBufferedBytes = bound
      pass(line, lineCodec)
    },
    droppedBytes: () => droppedBytes,
  }
}

/** `pcm_16000` has two bytes a sample, `ulaw_8000` one; the number is the rate. */
function bytesPerSecond(format: AgentAudioFormat): number {
  const [kind, rate] = format.split('_')
  return Number(rate) * (kind === 'pcm' ? 2 : 1)
}
