// Caller audio → agent: one small JSON message a frame, bounded where the network does not keep up.
import { FRAME_BYTES } from '#core/contracts'
import type { AgentSocket } from './agent-socket.ts'

/** Kept audio goes out in pieces of 250 ms, the size the vendor's own clients use. */
const EARLY_PIECE_BYTES = 2000
/** 2 s of frames as they stand on the wire (160 bytes → base64, JSON, frame header: 248 bytes). */
const MAX_BUFFERED_BYTES = 100 * 248

export interface Uplink {
  /** What was kept before the session could hear; never dropped. */
  sendEarly(ulaw: Buffer): void
  /** One live frame; dropped and counted while more than 2 s wait for the network. */
  send(ulaw: Uint8Array): void
  droppedBytes(): number
}

export function createUplink(socket: Pick<AgentSocket, 'send' | 'bufferedBytes'>): Uplink {
  let droppedBytes = 0
  let maxBufferedBytes = MAX_BUFFERED_BYTES
  return {
    sendEarly(ulaw) {
      for (let at = 0; at < ulaw.length; at += EARLY_PIECE_BYTES) {
        socket.send(audioMessage(ulaw.subarray(at, at + EARLY_PIECE_BYTES)))
      }
      // A kept ten seconds may itself be more than the bound: live frames get their two seconds behind it.
      maxBufferedBytes = MAX_BUFFERED_BYTES + socket.bufferedBytes()
    },
    send(ulaw) {
      const bufferedBytes = socket.bufferedBytes()
      if (bufferedBytes > maxBufferedBytes) {
        droppedBytes += ulaw.byteLength
        return
      }
      if (bufferedBytes < MAX_BUFFERED_BYTES) maxBufferedBytes = MAX_BUFFERED_BYTES
      socket.send(frameMessage(ulaw))
    },
    droppedBytes: () => droppedBytes,
  }
}

const BEFORE = '{"user_audio_chunk":"'
const AFTER = '"}'

const audioMessage = (ulaw: Uint8Array): string => `${BEFORE}${base64(ulaw)}${AFTER}`

/**
 * One live frame as bytes: 50 times a second for every call, so by hand instead of JSON.stringify (base64 needs no
 * escaping), and always in the same buffer: a client's frame is masked into a copy before `send` returns. Bytes also
 * leave in one write, where ws sends a text as header and payload (measured: 15 % of a worker's time was that writev).
 */
function frameMessage(ulaw: Uint8Array): Buffer | string {
  if (ulaw.byteLength !== FRAME_BYTES) return audioMessage(ulaw)
  FRAME_MESSAGE.write(base64(ulaw), BEFORE.length, 'latin1')
  return FRAME_MESSAGE
}

const FRAME_MESSAGE = Buffer.from(audioMessage(new Uint8Array(FRAME_BYTES)))

function base64(ulaw: Uint8Array): string {
  return Buffer.from(ulaw.buffer, ulaw.byteOffset, ulaw.byteLength).toString('base64')
}
