// One request to /platform_api after the other: who asks, what for, what goes wrong on purpose, and the answer.
import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TokenBucket } from '#core/time'
import type { Commands } from './commands.ts'
import { sendFault, sendJson, sendPage } from './fault-answer.ts'
import type { Fault, Faults } from './faults.ts'
import type { KeyGuard } from './key-guard.ts'
import type { PlatformRequest } from './platform-request.ts'
import type { RequestLog, RequestRecord } from './request-log.ts'
import { RequestValues } from './request-values.ts'
import { Refusal, errorBody } from './vendor-errors.ts'

export interface PlatformDeskDeps {
  readonly commands: Commands
  readonly guard: KeyGuard
  readonly faults: Faults
  readonly log: RequestLog
  readonly now: () => number
  /** Of an error in the body. */
  readonly errorHttpStatus: number
  readonly bucket: TokenBucket | undefined
  readonly closing: AbortSignal
}

interface Answer {
  readonly status: number
  readonly body: object
  readonly errorCode: number | null
}

export class PlatformDesk {
  readonly #deps: PlatformDeskDeps

  constructor(deps: PlatformDeskDeps) {
    this.#deps = deps
  }

  async answer(request: PlatformRequest, response: ServerResponse): Promise<void> {
    const { log, now, faults, bucket, closing } = this.#deps
    const command = request.command ?? ''
    const record = log.begin(now(), command, request.params)
    if (bucket?.take() === false) {
      record.status = sendPage(response, 429)
      return
    }
    const fault = faults.take(command)
    if (fault?.kind === 'slow') await sleep(fault.ms, undefined, { signal: closing })
    if (this.#isRefusedBefore(fault, response, record)) return
    this.#send(this.#process(request, record, fault), fault, response, record)
  }

  /** Whatever happens before the command is carried out. */
  #isRefusedBefore(
    fault: Fault | undefined,
    response: ServerResponse,
    record: RequestRecord,
  ): boolean {
    switch (fault?.kind) {
      case 'rate-limit-http':
      case 'http':
      case 'reset':
        record.status = sendFault(response, fault)
        return true
      case 'hangs':
        return fault.isProcessed !== true
      case 'code':
      case 'answer-lost':
      case 'half-body':
      case 'not-json':
      case 'slow':
      case undefined:
        return false
      default:
        return fault satisfies never
    }
  }

  #process(request: PlatformRequest, record: RequestRecord, fault: Fault | undefined): Answer {
    try {
      if (fault?.kind === 'code') throw new Refusal(fault.code)
      return { status: 200, body: this.#carryOut(request, record), errorCode: null }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      const { errorHttpStatus: status } = this.#deps
      return { status, body: errorBody(error), errorCode: error.code }
    }
  }

  /** @throws Refusal */
  #carryOut(request: PlatformRequest, record: RequestRecord): object {
    const { commands, guard, now } = this.#deps
    if (request.command === undefined) throw new Refusal(102)
    const command = Object.hasOwn(commands, request.command) ? commands[request.command] : undefined
    if (command === undefined) throw new Refusal(103)
    const caller = guard.admit(request, now())
    record.caller = caller
    guard.permit(caller, request.command)
    return command(new RequestValues(request.params), caller)
  }

  #send(
    answer: Answer,
    fault: Fault | undefined,
    response: ServerResponse,
    record: RequestRecord,
  ): void {
    record.errorCode = answer.errorCode
    if (fault?.kind === 'hangs') return
    const isSpoilt =
      fault?.kind === 'answer-lost' || fault?.kind === 'half-body' || fault?.kind === 'not-json'
    record.status = isSpoilt
      ? sendFault(response, fault, answer.body)
      : sendJson(response, answer.status, answer.body)
  }
}
