// Our side of one SDP session, whoever's port it tells: the id stays, the version rises with each new description
// (RFC 4566 §5.2), and a new offer is made of the last one (RFC 3264 §8).
import { randomInt } from 'node:crypto'
import type { SessionOrigin } from '../sip/sdp/carrier-sdp.ts'

export class OwnSession {
  readonly #sessionId = randomInt(1, 2 ** 31)
  #version = 0
  #said: string | undefined

  /** Our last description. */
  get said(): string | undefined {
    return this.#said
  }

  next(): SessionOrigin {
    this.#version += 1
    return { sessionId: this.#sessionId, version: this.#version }
  }

  say(sdp: string): string {
    this.#said = sdp
    return sdp
  }
}
