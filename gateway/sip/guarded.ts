// Keeps a defect of ours inside its call: drachtio-srf calls us from its socket's data handler, where an exception
// would end the process and every other call with it.
import type { Logger } from '#core/telemetry'
import type { DialogListener } from './sip-port.ts'

/** Runs `act`; what it throws is logged, and the listener's call is ended as our fault. */
export function guarded<T>(
  listener: Pick<DialogListener, 'onDefect'>,
  logger: Logger,
  act: () => T,
): T | undefined {
  try {
    return act()
  } catch (error) {
    logger.error({ err: error }, 'a SIP event ran into a defect: its call is ended')
    listener.onDefect()
    return undefined
  }
}
