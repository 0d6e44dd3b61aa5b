// drachtio's framing: `<length>#<payload>`, the length in bytes (drachtio-server since 0.9.0).

/** Five digits, as drachtio-server reads them. */
const MAX_DIGITS = 5
const HASH = 35

export type FrameChunk =
  | { readonly kind: 'frames'; readonly frames: readonly Buffer[] }
  /** The connection cannot be understood any more and has to be closed. */
  | { readonly kind: 'broken' }

export class FrameReader {
  #pending: Buffer = Buffer.alloc(0)

  push(chunk: Buffer): FrameChunk {
    let rest = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk])
    const frames: Buffer[] = []
    while (rest.length > 0) {
      const hash = rest.subarray(0, MAX_DIGITS + 1).indexOf(HASH)
      const digits = rest.toString(
        'latin1',
        0,
        hash === -1 ? Math.min(rest.length, MAX_DIGITS + 1) : hash,
      )
      if (!/^\d*$/.test(digits) || hash === 0 || (hash === -1 && digits.length > MAX_DIGITS)) {
        return { kind: 'broken' }
      }
      const end = hash + 1 + Number(digits)
      if (hash === -1 || rest.length < end) break
      frames.push(rest.subarray(hash + 1, end))
      rest = rest.subarray(end)
    }
    this.#pending = rest
    return { kind: 'frames', frames }
  }
}

/** `leader`, then, when there is one, CRLF and the SIP message. */
export function encodeFrame(leader: string, message?: Buffer): Buffer {
  const head = message === undefined ? leader : `${leader}\r\n`
  const length = Buffer.byteLength(head) + (message?.length ?? 0)
  const prefix = Buffer.from(`${length}#${head}`)
  return message === undefined ? prefix : Buffer.concat([prefix, message])
}
