// One request to a simulated vendor after the other: written down, spoilt where it is to be, answered by the vendor.
import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { pageOf, sendAnswer } from './answer-sender.ts'
import type { RequestFault, RequestFaults } from './request-faults.ts'
import type { RequestLog, RequestRecord } from './request-log.ts'
import { isResultPath } from './result-door.ts'
import { Refusal, type Answer, type StudioRequest } from './studio-request.ts'

/** How the vendor words what is the same with all of them. */
export interface VendorWords {
  readonly unauthorized: () => Answer
  readonly rateLimited: (retryAfterSeconds: number) => Answer
}

export interface DeskDeps {
  readonly log: RequestLog
  readonly faults: RequestFaults
  readonly now: () => number
  readonly words: VendorWords
  /** `GET /talks/{id}`; empty for what there is not. */
  readonly routeOf: (method: string, pathname: string) => string
  /** @throws Refusal */
  readonly carryOut: (route: string, request: StudioRequest) => Answer | Promise<Answer>
  readonly serveResult: (request: StudioRequest, response: ServerResponse) => number
  readonly closing: AbortSignal
}

const RESULT_ROUTE = 'GET /results/{id}'

export async function answerAtTheDesk(
  deps: DeskDeps,
  request: StudioRequest,
  response: ServerResponse,
): Promise<void> {
  const { method, url, headers, body } = request
  const record = deps.log.begin(
    {
      at: deps.now(),
      method,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      bytes: body.length,
    },
    headers,
  )
  if (isResultPath(url.pathname)) {
    deps.log.meets(record, RESULT_ROUTE)
    record.status = deps.serveResult(request, response)
    return
  }
  deps.log.meets(record, deps.routeOf(method, url.pathname))
  const answer = await answerOf(deps, request, record)
  record.status = sendAnswer(response, answer)
}

async function answerOf(
  deps: DeskDeps,
  request: StudioRequest,
  record: RequestRecord,
): Promise<Answer> {
  const fault = deps.faults.take(record.route)
  // Rejects when all is closed: then it is answered at once.
  if (fault?.kind === 'slow')
    await sleep(fault.ms, undefined, { signal: deps.closing }).catch(() => undefined)
  const early = fault && answerBefore(fault, deps.words)
  if (early) return early
  const answer = await carriedOut(deps, request, record)
  return fault ? answerAfter(fault, answer) : answer
}

async function carriedOut(
  { carryOut }: DeskDeps,
  request: StudioRequest,
  { route }: RequestRecord,
): Promise<Answer> {
  try {
    return await carryOut(route, request)
  } catch (error) {
    if (error instanceof Refusal) return error.answer
    throw error
  }
}

/** Nothing is done then. */
function answerBefore(fault: RequestFault, words: VendorWords): Answer | undefined {
  switch (fault.kind) {
    case 'wrong-key':
      return words.unauthorized()
    case 'rate-limited':
      return words.rateLimited(fault.retryAfterSeconds ?? 1)
    case 'http':
    case 'reset':
    case 'hangs':
      return fault.isProcessed === true ? undefined : spoiltAnswer(fault)
    case 'slow':
    case 'not-json':
      return undefined
    default:
      return fault satisfies never
  }
}

function answerAfter(fault: RequestFault, answer: Answer): Answer {
  if (fault.kind === 'not-json') return { status: 200, body: pageOf(200) }
  return fault.kind === 'http' || fault.kind === 'reset' || fault.kind === 'hangs'
    ? spoiltAnswer(fault)
    : answer
}

function spoiltAnswer(fault: Extract<RequestFault, { isProcessed?: unknown }>): Answer {
  if (fault.kind === 'http') return { status: fault.status, body: pageOf(fault.status) }
  return { status: 0, body: null, fate: fault.kind === 'reset' ? 'lost' : 'never' }
}
