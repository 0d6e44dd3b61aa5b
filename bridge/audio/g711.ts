// G.711 µ-law ⇄ 16-bit linear (ITU-T G.711), by tables made once from alawmulaw. Audio between carrier and agent is
// passed through untouched; this is for whoever has to look inside it.
import alawmulaw from 'alawmulaw'

const LINEAR_BY_ULAW = Int16Array.from({ length: 256 }, (_, code) =>
  alawmulaw.mulaw.decodeSample(code),
)
/** µ-law keeps 14 bits of magnitude and sign: two bits less than the sample. */
const ULAW_BY_LINEAR_14 = Uint8Array.from({ length: 1 << 14 }, (_, index) =>
  alawmulaw.mulaw.encodeSample((index - (1 << 13)) << 2),
)

export function decodeUlaw(ulaw: Uint8Array): Int16Array {
  const linear = new Int16Array(ulaw.length)
  for (let at = 0; at < ulaw.length; at += 1) linear[at] = LINEAR_BY_ULAW[ulaw[at] ?? 0] ?? 0
  return linear
}

export function encodeUlaw(linear: Int16Array): Uint8Array {
  const ulaw = new Uint8Array(linear.length)
  for (let at = 0; at < linear.length; at += 1) {
    ulaw[at] = ULAW_BY_LINEAR_14[((linear[at] ?? 0) >> 2) + (1 << 13)] ?? 0
  }
  return ulaw
}
