// An agent's client tool as one signed HTTP request: POST JSON to the operator's server, its answer as text. What went
// wrong is told in plain words that the agent may read out, so they name no address.
import { createHmac } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { decodeCallId } from '#core/contracts'
import { traceparentOf } from '#core/telemetry'
import type { ToolServer } from './conversation-port.ts'
import type { JsonObject } from './protocol.ts'
import { requestByScheme } from './request-by-scheme.ts'

/** More than any tool needs, less than what would hurt a thread of hundreds of calls. */
const MAX_REQUEST_BYTES = 256 * 1024
const MAX_ANSWER_BYTES = 64 * 1024

export interface ToolRequest {
  readonly tool_name: string
  readonly tool_call_id: string
  readonly parameters: JsonObject
  readonly call_id: string
  readonly conversation_id: string | null
  readonly agent_id: string
}

export type ToolAnswer =
  | { readonly kind: 'answered'; readonly result: string; readonly isError: boolean }
  | { readonly kind: 'unknown' }
  /** `words` are for the agent. */
  | { readonly kind: 'failed'; readonly words: string }

export interface ToolLimits {
  readonly deadlineMs: number
  /** Aborted at the end of the conversation. */
  readonly signal: AbortSignal
}

/** Never rejects. Redirects are not followed: the signature is for this server. */
export function askToolServer(
  server: ToolServer,
  asked: ToolRequest,
  limits: ToolLimits,
): Promise<ToolAnswer> {
  const body = bodyOf(asked)
  if (body === null || body.length > MAX_REQUEST_BYTES)
    return Promise.resolve(failed('The request is too large.'))
  const url = new URL(server.url)
  const request = requestByScheme(url)
  const deadline = AbortSignal.timeout(limits.deadlineMs)
  return new Promise((resolve) => {
    let isAnswered = false
    const fail = (): void =>
      resolve(
        failed(
          deadline.aborted
            ? 'The tool server did not answer in time.'
            : 'The tool server could not be reached.',
        ),
      )
    request(
      url,
      {
        method: 'POST',
        // The thread's own agent keeps connections for a few seconds.
        signal: AbortSignal.any([limits.signal, deadline]),
        headers: {
          'content-type': 'application/json',
          'content-length': body.length,
          accept: 'application/json, text/plain',
          ...traceHeader(server, asked),
          'voicegate-signature': signature(server.secret, body, Math.floor(Date.now() / 1000)),
        },
      },
      (response) => {
        isAnswered = true
        read(response).then(resolve, fail)
      },
    )
      .once('error', fail)
      // A server that changes the protocol (101) gets neither an answer nor an error out of Node.
      .once('close', () => {
        if (!isAnswered) fail()
      })
      .end(body)
  })
}

/** The span of this request (control-api/calls/trace/call-spans.ts): the main thread makes it, of the same two ids. */
function traceHeader(
  { traceRatio = 0 }: ToolServer,
  { call_id, tool_call_id: request }: ToolRequest,
): Readonly<Record<string, string>> {
  const callId = decodeCallId(call_id)
  return callId === undefined ? {} : { traceparent: traceparentOf(callId, request, traceRatio) }
}

/** Null when it is nested so deeply that it can be read, but not written. */
function bodyOf(asked: ToolRequest): Buffer | null {
  try {
    return Buffer.from(JSON.stringify(asked))
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

/** Of the time and the body as sent: who knows the secret can check both. */
export function signature(secret: string, body: Uint8Array, unixSeconds: number): string {
  const hmac = createHmac('sha256', secret).update(`${unixSeconds}.`).update(body)
  return `t=${unixSeconds},v1=${hmac.digest('hex')}`
}

const failed = (words: string): ToolAnswer => ({ kind: 'failed', words })

/** @throws Error when the connection breaks or time is up in the middle of the answer. */
async function read(response: IncomingMessage): Promise<ToolAnswer> {
  const status = response.statusCode ?? 0
  if (status < 200 || status > 299) {
    response.destroy()
    return status === 404
      ? { kind: 'unknown' }
      : failed(`The tool server answered with HTTP ${status}.`)
  }
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > MAX_ANSWER_BYTES) {
      response.destroy()
      return failed('The answer of the tool server is too large.')
    }
    chunks.push(chunk)
  }
  return answerIn(Buffer.concat(chunks))
}

/** `{result, is_error?}`; any other JSON, or any text, is the result itself. */
function answerIn(body: Buffer): ToolAnswer {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    // Bytes that are no text: there is nothing more to say of them.
    return failed('The answer of the tool server could not be read.')
  }
  const parsed = parseObject(text)
  if (parsed === undefined || !('result' in parsed)) {
    return { kind: 'answered', result: text, isError: false }
  }
  const { result, is_error: isError } = parsed
  return {
    kind: 'answered',
    result: typeof result === 'string' ? result : JSON.stringify(result),
    isError: isError === true,
  }
}

function parseObject(text: string): JsonObject | undefined {
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? (parsed as JsonObject)
      : undefined
  } catch {
    // Not JSON: text is an answer too.
    return undefined
  }
}
