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
  // It is tried again every other second, and may be away for an hour: told once until it is there again.
  let isTold = false
  const tell = (level: 'warn' | 'error', err: Error, what: string): void => {
    logger[isTold ? 'debug' : level]({ err }, what)
    isTold = true
  }
  srf.on('error', (error) => tell('warn', error, 'the media connection to the SIP server broke'))
  srf.on('connect', (error) => {
    if (isClosed) disconnect(srf, logger)
    else if (error) tell('error', error, 'the SIP server refused the media connection')
    else isTold = false
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
