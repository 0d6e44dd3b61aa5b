// What the embedded SIP server keeps of the wire, as the port that the API asks.
import type { SipMessage, SipTrace } from '#core/contracts'
import type { Logger } from '#core/telemetry'
import { epochOf, type ClockAnchor } from '#core/time'
import type { EmbeddedSip, TracedMessage } from './embedded/index.ts'

/** Made by main.ts. `sip` is undefined before the server is up. */
export function traceEmbeddedSip(
  sip: () => EmbeddedSip | undefined,
  anchor: ClockAnchor,
  logger: Logger,
): SipTrace {
  return {
    async ofCall(sipCallIds) {
      const server = sip()
      if (!server) return { kind: 'unavailable', why: 'The SIP server is not up yet.' }
      try {
        const traces = await Promise.all(sipCallIds.map((callId) => server.trace(callId)))
        const messages = traces.flatMap((trace) => trace.messages)
        return {
          kind: 'kept',
          messages: messages
            .toSorted((one, other) => one.atMonotonicMs - other.atMonotonicMs)
            .map((message) => asSipMessage(message, anchor)),
          cutOff: traces.some(({ cutOff }) => cutOff),
          keptSince: epochOf(
            Math.max(0, ...traces.map(({ keptSinceMonotonicMs }) => keptSinceMonotonicMs)),
            anchor,
          ),
        }
      } catch (error) {
        logger.warn({ err: error }, 'the SIP trace of a call cannot be had')
        return { kind: 'unavailable', why: 'The SIP server did not answer.' }
      }
    },
  }
}

function asSipMessage(message: TracedMessage, anchor: ClockAnchor): SipMessage {
  const { atMonotonicMs, direction, protocol, local, remote, text } = message
  const at = epochOf(atMonotonicMs, anchor)
  return { at, direction, protocol, local: written(local), remote: written(remote), text }
}

const written = ({ host, port }: TracedMessage['local']): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`
