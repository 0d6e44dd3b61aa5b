// Silence as MPEG-2.5 layer III, 8 kHz, 32 kbit/s, mono: the platform's own default for recordings, made without an
// encoder (ISO/IEC 13818-3; 2.5 is the usual extension to lower rates).

/** Sync and version 2.5, layer III without CRC; 32 kbit/s, 8 kHz; mono. */
const HEADER = Buffer.from([0xff, 0xe3, 0x48, 0xc4])
/** 72 · 32000 / 8000. */
const FRAME_BYTES = 288
const FRAME_SECONDS = 576 / 8000

/** Side information of zeros: nothing is encoded, and nothing is heard. */
export function silentMp3(seconds: number): Buffer {
  const sound = Buffer.alloc(framesIn(seconds) * FRAME_BYTES)
  for (let at = 0; at < sound.length; at += FRAME_BYTES) HEADER.copy(sound, at)
  return sound
}

export const silentMp3Bytes = (seconds: number): number => framesIn(seconds) * FRAME_BYTES

const framesIn = (seconds: number): number => Math.max(1, Math.ceil(seconds / FRAME_SECONDS))
