// The signed URL of a private agent: one plain GET of our own, nothing billable. Neither the URL nor the key ever
// reaches a log or an error.
import { setTimeout as sleepFor } from 'node:timers/promises'
import { AppError, systemCodeOf } from '#core/errors'
import type { AgentConnectionConfig } from './agent-connection-config.ts'
import { agentLookup } from './agent-lookup.ts'
import { signedSocketAddress, signedUrlAddress } from './agent-url.ts'
import { requestByScheme } from './request-by-scheme.ts'
import { BUSY_PAUSE_MS, describeRefusal, RETRY_PAUSE_MS } from './session-end.ts'

const TIMEOUT_MS = 5000
/** The answer is a few hundred bytes. */
const MAX_BODY_BYTES = 64 * 1024
interface Answer {
  readonly status: number
  readonly body: string
}

/**
 * Fetches the address of one session; tries a second time on 429, 5xx or a broken connection.
 * @param onBusy the first answer was 429
 * @throws AppError `AGENT_UNREACHABLE` saying what the vendor answered.
 */
export async function fetchSignedUrl(
  connection: AgentConnectionConfig & { readonly apiKey: string },
  agentId: string,
  signal: AbortSignal,
  onBusy: () => void = () => undefined,
): Promise<URL> {
  const address = signedUrlAddress(connection, agentId)
  let answer = await get(address, connection.apiKey, signal).catch((error: unknown) => {
    if (signal.aborted) throw error
    return undefined
  })
  if (answer?.status === 429) onBusy()
  if (answer === undefined || answer.status === 429 || answer.status >= 500) {
    const pauseMs = answer?.status === 429 ? BUSY_PAUSE_MS : RETRY_PAUSE_MS
    await sleepFor(pauseMs, undefined, { signal })
    answer = await get(address, connection.apiKey, signal)
  }
  if (answer.status !== 200) {
    throw new AppError('AGENT_UNREACHABLE', describeRefusal('the signed URL', answer.status), {
      details: { http_status: answer.status },
    })
  }
  return signedSocketAddress(connection, signedUrlIn(answer.body))
}

function signedUrlIn(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body)
    if (typeof parsed === 'object' && parsed !== null && 'signed_url' in parsed) {
      if (typeof parsed.signed_url === 'string') return parsed.signed_url
    }
  } catch {
    // Told below in our own words: the parser's would quote the body.
  }
  throw new AppError('AGENT_UNREACHABLE', 'the answer to the signed URL request has no signed_url')
}

function get(address: URL, apiKey: string, signal: AbortSignal): Promise<Answer> {
  const request = requestByScheme(address)
  const limit = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)])
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      const what = limit.aborted
        ? `no answer in ${TIMEOUT_MS} ms`
        : (systemCodeOf(error) ?? 'connection lost')
      reject(new AppError('AGENT_UNREACHABLE', `the signed URL request failed: ${what}`))
    }
    const headers = { 'xi-api-key': apiKey, accept: 'application/json' }
    request(address, { headers, signal: limit, lookup: agentLookup }, (response) => {
      const chunks: Buffer[] = []
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes > MAX_BODY_BYTES) response.destroy(new Error('answer too large'))
        else chunks.push(chunk)
      })
      response.once('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
      )
      response.once('error', fail)
      response.once('close', () => fail(undefined))
    })
      .once('error', fail)
      .once('upgrade', (_, socket) => {
        // Nobody asked for another protocol (101), and Node would tell nothing.
        socket.destroy()
        fail(undefined)
      })
      .end()
  })
}
