// What is asked of the simulator's one address: commands, recordings, access URLs, the lists that need no key.
import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { sendFault, sendJson, sendPage } from './fault-answer.ts'
import { ACCESS_URL, RECORD_FILE, type Fault, type Faults } from './faults.ts'
import type { KeyGuard } from './key-guard.ts'
import type { PlatformDesk } from './platform-desk.ts'
import { readPlatformRequest, type HttpRequest } from './platform-request.ts'
import type { RecordFiles } from './record-files.ts'
import type { RequestLog, RequestRecord } from './request-log.ts'
import type { Sessions } from './sessions.ts'

export interface FrontDoorDeps {
  readonly desk: PlatformDesk
  readonly guard: KeyGuard
  readonly files: RecordFiles
  readonly sessions: Sessions
  readonly faults: Faults
  readonly log: RequestLog
  readonly now: () => number
  readonly closing: AbortSignal
}

export async function answerAtTheDoor(
  deps: FrontDoorDeps,
  request: HttpRequest,
  response: ServerResponse,
): Promise<void> {
  const asked = readPlatformRequest(request)
  const { pathname } = request.url
  if (asked !== undefined) await deps.desk.answer(asked, response)
  else if (pathname.startsWith('/records/')) await answerRecord(deps, request, response)
  else if (pathname.startsWith('/request/')) await answerAccess(deps, request, response)
  else if (pathname === '/getMediaResources')
    sendJson(response, 200, { jsservers: ['127.0.0.1'], mediaservers: ['127.0.0.1'] })
  else if (pathname === '/getServerLocations') sendJson(response, 200, { result: ['de'] })
  else sendPage(response, 404)
}

async function answerRecord(
  deps: FrontDoorDeps,
  { method, url, headers }: HttpRequest,
  response: ServerResponse,
): Promise<void> {
  const { guard, files, now } = deps
  const record = deps.log.begin(now(), RECORD_FILE, new Map(url.searchParams))
  record.path = url.pathname
  if (await meetsFault(deps, RECORD_FILE, { response, record })) return
  const isAdmitted = isGood(() => {
    const { authorization } = headers
    record.caller = guard.admit({ authorization, params: new Map(url.searchParams) }, now())
  })
  record.status = files.serve({ method, url, headers, isAdmitted }, response)
}

async function answerAccess(
  deps: FrontDoorDeps,
  { method, url, headers, body }: HttpRequest,
  response: ServerResponse,
): Promise<void> {
  const record = deps.log.begin(deps.now(), ACCESS_URL, new Map(url.searchParams))
  record.path = url.pathname
  if (await meetsFault(deps, ACCESS_URL, { response, record })) return
  const isCheck = url.pathname.endsWith('/check')
  const session = deps.sessions.behind(url.pathname.replace(/\/check$/, ''))
  if (session === undefined) {
    record.status = sendPage(response, 404)
    return
  }
  if (!isCheck)
    session.httpRequest({
      method,
      path: url.pathname,
      content: body.toString('utf8'),
      headers: ownHeaders(headers),
    })
  response.writeHead(200).end()
  record.status = 200
}

interface Exchange {
  readonly response: ServerResponse
  readonly record: RequestRecord
}

/** Of what is no command: whatever would be answered is not. */
async function meetsFault(
  { faults, closing }: FrontDoorDeps,
  what: string,
  { response, record }: Exchange,
): Promise<boolean> {
  const fault: Fault | undefined = faults.take(what)
  if (fault === undefined) return false
  if (fault.kind === 'slow') {
    await sleep(fault.ms, undefined, { signal: closing })
    return false
  }
  if (fault.kind === 'code') record.status = sendPage(response, 500)
  else if (fault.kind !== 'hangs') record.status = sendFault(response, fault)
  return true
}

/** Scenarios see headers of one's own alone. */
const ownHeaders = (headers: IncomingHttpHeaders): { key: string; value: string }[] =>
  Object.entries(headers)
    .filter(([name]) => name.startsWith('x-'))
    .map(([key, value]) => ({ key, value: String(value) }))

function isGood(check: () => void): boolean {
  try {
    check()
    return true
  } catch {
    return false // Refused: for the caller it is the same why.
  }
}
