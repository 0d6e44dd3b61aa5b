// The end of audio that is cut off: its next 8 ms, ramped down to nothing. A cut at full level is a click.
import { TELEPHONE_RATE } from '#core/contracts'
import type { G711 } from './g711.ts'

const FADE_MS = 8
export const FADE_BYTES = (FADE_MS * TELEPHONE_RATE) / 1000

/** Ramps `fade` (FADE_BYTES) in place. Where fewer than all were held, the last sample is held on while it fades. */
export function rampDown(fade: Uint8Array, held: number, g711: G711): void {
  let sample = 0
  for (let at = 0; at < FADE_BYTES; at += 1) {
    if (at < held) sample = g711.decode[fade[at] ?? 0] ?? 0
    fade[at] = g711.encode(Math.round((sample * (FADE_BYTES - at)) / (FADE_BYTES + 1)))
  }
}
