// A connection to the SIP server beside the main one: for legs that are not calls of ours, such as those to a media
// server. It takes no requests but those of its own dialogs.
import DrachtioSrf from 'drachtio-srf'
import type { Logger } from '#core/telemetry'
import { disconnect } from './drachtio-disconnect.ts'
import { guardFrames } from './drachtio-frames.ts'
import type { Srf } from './drachtio-types.ts'
import type { SipServerAddress } from './drachtio.ts'

/** Upper bound of drachtio-srf's growing reconnect delay. */
const RECONNECT_MAX_DELAY_MS = 2000

export interface DrachtioConnection {
  /** For drachtio-fsmrf, which wants drachtio-srf's own object. */
  readonly srf: unknown
  close(): void
}

/** It connects, and connects again, by itself; what is sent before that fails. */
export function connectDrachtio(logger: Logger, server: SipServerAddress): DrachtioConnection {
  const srf = new DrachtioSrf() as unknown as Srf
  let isClosed = false
  srf.on('error', (error) =>
    logger.warn({ err: error }, 'the media connection to the SIP server broke'),
  )
  srf.on('connect', (error) => {
    if (isClosed) disconnect(srf, logger)
    else if (error) logger.error({ err: error }, 'the SIP server refused the media connection')
  })
  const { host, port, secret } = server
  srf.connect({ host, port, secret, reconnect: { retryMaxDelay: RECONNECT_MAX_DELAY_MS } })
  if (srf.app.client) guardFrames(srf.app.client.wp)
  const close = (): void => {
    isClosed = true
    disconnect(srf, logger)
  }
  return { srf, close }
}
