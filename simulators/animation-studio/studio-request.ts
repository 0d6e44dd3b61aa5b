// What is asked of a simulated vendor of talking videos, and what it answers.
import type { IncomingHttpHeaders } from 'node:http'

export interface StudioRequest {
  readonly method: string
  readonly url: URL
  readonly headers: IncomingHttpHeaders
  /** Empty when it was too large. */
  readonly body: Buffer
  readonly isTooLarge: boolean
}

export interface Answer {
  readonly status: number
  /** An object is JSON, a text is a page for humans; null: nothing. */
  readonly body: object | string | null
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** What becomes of it on its way: sent (the default), lost with the connection, or never sent while that stays open. */
  readonly fate?: 'sent' | 'lost' | 'never' | undefined
}

/** Thrown wherever a request cannot be carried out; the vendor has its own words for it. */
export class Refusal extends Error {
  readonly answer: Answer

  constructor(answer: Answer) {
    super(`refused with ${answer.status}`)
    this.answer = answer
  }
}

/** An object of JSON, or undefined. */
export function jsonOf(body: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'))
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Readonly<Record<string, unknown>>) : undefined
  } catch {
    return undefined // Whoever asks refuses it in the vendor's own words.
  }
}
