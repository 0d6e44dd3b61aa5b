// Which addresses a session uses. Vendor: Agents Platform, "WebSocket" and "Get signed URL" (read autumn 2026).
import { AppError } from '#core/errors'
import type { AgentConnectionConfig } from './agent-connection-config.ts'

/** The address of `GET …/get-signed-url` for an agent. */
export function signedUrlAddress(connection: AgentConnectionConfig, agentId: string): URL {
  const url = below(connection.restUrl, '/v1/convai/conversation/get-signed-url')
  url.searchParams.set('agent_id', agentId)
  return url
}

/** The socket of an agent that needs no key; also the host to warm before a signed URL is known. */
export function publicSocketAddress(connection: AgentConnectionConfig, agentId: string): URL {
  const url = below(connection.wsUrl ?? connection.restUrl, '/v1/convai/conversation')
  url.protocol = isSecure(url) ? 'wss:' : 'ws:'
  url.searchParams.set('agent_id', agentId)
  return url
}

/**
 * The socket a signed URL stands for under this configuration.
 * @throws AppError `AGENT_UNREACHABLE` when the answer is no socket URL, or would leave TLS.
 */
export function signedSocketAddress(connection: AgentConnectionConfig, signedUrl: string): URL {
  const url = URL.parse(signedUrl)
  if (url === null || (url.protocol !== 'wss:' && url.protocol !== 'ws:')) {
    throw new AppError('AGENT_UNREACHABLE', 'the signed URL is not a WebSocket address')
  }
  url.hash = '' // No WebSocket address may have one (RFC 6455 §3).
  if (connection.wsUrl !== undefined) {
    const override = new URL(connection.wsUrl)
    url.protocol = isSecure(override) ? 'wss:' : 'ws:'
    url.hostname = override.hostname
    url.port = override.port
  } else if (url.protocol === 'ws:' && isSecure(new URL(connection.restUrl))) {
    throw new AppError('AGENT_UNREACHABLE', 'the signed URL would leave TLS')
  }
  return url
}

const isSecure = (url: URL): boolean => url.protocol === 'https:' || url.protocol === 'wss:'

/** A path below a base that may itself have one. */
function below(base: string, path: string): URL {
  const url = new URL(base)
  url.pathname = url.pathname.replace(/\/$/, '') + path
  return url
}
