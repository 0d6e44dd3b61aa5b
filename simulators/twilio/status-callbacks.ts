// Status callbacks of one call: each with its number in the sequence, and delivered as the script says: in order, or
// twice, late, last one first, forged, or never (twilio.com/docs/voice/api/call-resource#statuscallback).
import { setTimeout as sleep } from 'node:timers/promises'
import type { CallbackEvent, CallScript, Delivery } from './call-script.ts'
import { rfc2822 } from './rfc2822.ts'
import type { FormParams } from './signature.ts'
import type { HttpMethod } from './twiml-verbs.ts'
import type { Webhook } from './webhook-client.ts'

export interface CallbackTarget {
  readonly url: string
  readonly method: HttpMethod
  readonly events: readonly string[]
}

export interface StatusCallbacksDeps {
  readonly script: CallScript
  readonly now: () => number
  readonly send: (webhook: Omit<Webhook, 'callSid'>) => Promise<unknown>
}

const DEFAULT_LATE_MS = 300
/** Between the two of a repeated one. */
const AGAIN_MS = 10

export class StatusCallbacks {
  readonly #deps: StatusCallbacksDeps
  readonly #target: CallbackTarget
  #sequence = 0
  #inOrder: Promise<unknown> = Promise.resolve()
  readonly #kept: (() => Promise<unknown>)[] = []
  readonly #all: Promise<unknown>[] = []

  constructor(deps: StatusCallbacksDeps, target: CallbackTarget) {
    this.#deps = deps
    this.#target = target
  }

  /** All that were sent are answered, or have failed. */
  settled(): Promise<unknown> {
    return Promise.all(this.#all)
  }

  /** As `settled`, without those that come late or last one first. */
  inOrder(): Promise<unknown> {
    return this.#inOrder
  }

  /** @param params with the status that is told */
  tell(event: CallbackEvent, params: FormParams): void {
    const { url, method, events } = this.#target
    if (!events.includes(event)) return
    const whole: FormParams = [
      ...params,
      ['CallbackSource', 'call-progress-events'],
      ['SequenceNumber', String(this.#sequence++)],
      ['Timestamp', rfc2822(this.#deps.now())],
    ]
    const send = (forged = false): Promise<unknown> =>
      this.#deps.send({ kind: 'status', url, method, params: whole, forged })
    const { statusCallbacks = 'once' } = this.#deps.script
    if (statusCallbacks === 'reversed') this.#reversed(event, send)
    else {
      const how = typeof statusCallbacks === 'string' ? statusCallbacks : statusCallbacks[event]
      this.#all.push(this.#deliver(how ?? 'once', send))
    }
  }

  #reversed(event: CallbackEvent, send: () => Promise<unknown>): void {
    this.#kept.unshift(send)
    if (event !== 'completed') return
    const all = this.#kept.splice(0)
    this.#all.push(
      (async () => {
        for (const each of all) await each()
      })(),
    )
  }

  #deliver(how: Delivery, send: (forged?: boolean) => Promise<unknown>): Promise<unknown> {
    switch (how) {
      case 'lost':
        return Promise.resolve()
      case 'late':
        return sleep(this.#deps.script.lateMs ?? DEFAULT_LATE_MS).then(() => send())
      case 'once':
      case 'forged':
        return (this.#inOrder = this.#inOrder.then(() => send(how === 'forged')))
      case 'repeated':
        return (this.#inOrder = this.#inOrder.then(async () => {
          await send()
          await sleep(AGAIN_MS)
          await send()
        }))
      default:
        return how satisfies never
    }
  }
}
