// The gateway's SIP port at such an address, with a mint of its own.
import { createAnswerMint } from '../../../core/contracts/answer-mint.ts'
import { ms } from '../../../core/contracts/index.ts'
import { createLogger } from '../../../core/telemetry/index.ts'
import { createClock } from '../../../core/time/index.ts'
import { openDrachtio, type SipServerAddress } from '../../../gateway/sip/drachtio.ts'
import type { SipPort } from '../../../gateway/sip/sip-port.ts'

export function openPort(server: SipServerAddress): Promise<SipPort> {
  const deps = { logger: createLogger('silent'), clock: createClock(), ...createAnswerMint() }
  return openDrachtio(deps, server, ms(5000))
}
