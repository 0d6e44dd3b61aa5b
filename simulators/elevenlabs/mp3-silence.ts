// Silence as MPEG-1 layer III (ISO/IEC 11172-3 §2.4): what any player plays, made without an encoder.

/** Sync, MPEG-1 layer III without CRC; 128 kbit/s, 44.1 kHz, no padding; mono. */
const HEADER = Buffer.from([0xff, 0xfb, 0x90, 0xc4])
/** 144 · 128000 / 44100. */
const FRAME_BYTES = 417
const FRAME_SECONDS = 1152 / 44_100

/** Side information of zeros: nothing is encoded, and nothing is heard. */
export function mp3Silence(seconds: number): Buffer {
  const frames = Math.max(1, Math.ceil(seconds / FRAME_SECONDS))
  const sound = Buffer.alloc(frames * FRAME_BYTES)
  for (let at = 0; at < sound.length; at += FRAME_BYTES) HEADER.copy(sound, at)
  return sound
}
