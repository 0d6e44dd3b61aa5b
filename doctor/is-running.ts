// Does a voicegate answer at the HTTP address of this configuration?
import type { Config } from '#core/config'

const TIMEOUT_MS = 2000

export async function isRunning({ httpHost, httpPort }: Config): Promise<boolean> {
  if (httpPort === 0) return false
  try {
    const response = await fetch(`http://${reachable(httpHost)}:${httpPort}/health`, {
      signal: AbortSignal.timeout(TIMEOUT_MS),
      redirect: 'error',
    })
    const body: unknown = await response.json()
    return isHealth(body)
  } catch {
    // Nobody there, or somebody who is no voicegate: that is the answer.
    return false
  }
}

const isHealth = (body: unknown): boolean =>
  typeof body === 'object' &&
  body !== null &&
  'status' in body &&
  body.status === 'ok' &&
  'version' in body

/** A wildcard is where one listens, not where one calls. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}
