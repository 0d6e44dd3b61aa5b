// The end of a connection to the SIP server, also where there is none at the moment.
import type { Logger } from '#core/telemetry'
import type { Srf } from './drachtio-types.ts'

/** drachtio-srf asserts that there is a connection, and without one would go on trying for ever. */
export function disconnect(srf: Srf, logger?: Logger): void {
  try {
    srf.disconnect()
  } catch (error) {
    logger?.debug({ err: error }, 'no connection to the SIP server to close')
    const wire = srf.app.client?.wp
    if (!wire) return
    wire.closing = true
    clearTimeout(wire.reconnectVars?.retryTimer ?? undefined)
  }
}
