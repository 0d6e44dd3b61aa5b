// The SIP server of this node: the embedded one, or a drachtio-server that the configuration names. After this nothing
// but the gaps told here says which it is.
import { ms, type SipTrace } from '#core/contracts'
import { isLoopback, type Config } from '#core/config'
import { AppError } from '#core/errors'
import type { Logger, Metrics } from '#core/telemetry'
import type { ClockAnchor } from '#core/time'
import {
  exposeEmbeddedSip,
  tellOfStrangers,
  greetDrachtio,
  isOldDrachtio,
  OLDEST_DRACHTIO,
  traceEmbeddedSip,
  type AnnouncedAddress,
  type DrachtioAccess,
  type DrachtioGreeting,
  type EmbeddedSip,
  type GatewayConfig,
  type GatewayDeps,
} from '#gateway'
import { listenForSip } from './listen-for-sip.ts'

export interface SipServer {
  /** Where the gateway connects to. */
  readonly admin: GatewayConfig['sipServer']
  /** Where callers reach it, as it says itself. */
  readonly addresses: readonly AnnouncedAddress[]
  /** What was done otherwise than the configuration says. */
  readonly notes: readonly string[]
  /** Absent with a drachtio-server, which outlives us and is asked by its own protocol. */
  readonly callOff?: NonNullable<GatewayDeps['callOff']>
  /** Absent with a drachtio-server. */
  readonly embedded?: EmbeddedSip
  /** Called once when it ends for good. A drachtio-server that goes away comes back, and is waited for. */
  onExit(listener: (reason: string) => void): void
  close(): Promise<void>
}

export interface SipServerDeps {
  readonly config: Config
  readonly logger: Logger
  readonly metrics: Metrics
  /** The simulated carrier is used: it speaks UDP on 127.0.0.1 only. */
  readonly carrierIsLocal: boolean
}

/** The gateway's own connection is bounded likewise. */
const GREETING_DEADLINE = ms(5000)

/** @throws AppError `CONFIGURATION_INVALID` or `SIP_UNAVAILABLE` that says what to do */
export function openSipServer(deps: SipServerDeps): Promise<SipServer> {
  const { drachtio } = deps.config
  return drachtio === undefined ? openEmbedded(deps) : useDrachtio(deps, drachtio)
}

async function openEmbedded(deps: SipServerDeps): Promise<SipServer> {
  const { config, logger, metrics, carrierIsLocal } = deps
  const { sip, notes } = await listenForSip(config, logger, carrierIsLocal)
  exposeEmbeddedSip(sip, metrics)
  const stopTelling = tellOfStrangers(sip, logger)
  sip.onFault((stack) => logger.error({ stack }, 'a SIP message ran into a defect and was lost'))
  const { admin, addresses } = sip
  return {
    admin,
    addresses,
    notes,
    callOff: (invite) => sip.callOff(invite),
    embedded: sip,
    onExit: (listener) => sip.onExit(listener),
    close: () => {
      stopTelling()
      return sip.close()
    },
  }
}

async function useDrachtio(
  { config, logger, carrierIsLocal }: SipServerDeps,
  admin: DrachtioAccess,
): Promise<SipServer> {
  const greeting = await greetDrachtio(admin, GREETING_DEADLINE)
  if (greeting.kind !== 'accepted') throw refused(admin, greeting)
  const { addresses, version } = greeting
  if (isOldDrachtio(version))
    throw new AppError(
      'CONFIGURATION_INVALID',
      `drachtio-server ${version} is too old: use ${OLDEST_DRACHTIO} or later`,
    )
  const notes = [
    ...(isListenDefault(config) ? [] : ['SIP_LISTEN is ignored: drachtio-server listens for us']),
    ...(carrierIsLocal && !addresses.some(isReachedByCarrier)
      ? ['drachtio-server has no udp address on 127.0.0.1, where the simulated carrier is']
      : []),
  ]
  for (const note of notes) logger.warn(note)
  logger.info({ version, addresses }, 'drachtio-server is our SIP server')
  return {
    admin: { ...admin, outlivesUs: true },
    addresses,
    notes,
    onExit: () => undefined,
    close: () => Promise.resolve(),
  }
}

const isReachedByCarrier = ({ protocol, host }: AnnouncedAddress): boolean =>
  protocol === 'udp' && isLoopback(host)

/** udp and tcp of 127.0.0.1:5060, as core/config has it. */
const isListenDefault = ({ sipListen }: Config): boolean =>
  sipListen.every(({ host, port, protocol }) => {
    return host === '127.0.0.1' && port === 5060 && protocol !== 'tls'
  })

function refused(
  { host, port }: DrachtioAccess,
  greeting: Exclude<DrachtioGreeting, { kind: 'accepted' }>,
): AppError {
  const place = `drachtio-server at ${host}:${port}`
  switch (greeting.kind) {
    case 'wrong-secret':
      return new AppError(
        'CONFIGURATION_INVALID',
        `DRACHTIO_SECRET: the ${place} refuses it; its own stands in <admin secret="…"> of its drachtio.conf.xml, or in its environment as DRACHTIO_SECRET`,
      )
    case 'not-drachtio':
      return new AppError(
        'CONFIGURATION_INVALID',
        `DRACHTIO_PORT: what answers at ${host}:${port} is no drachtio-server; its <admin port="…"> is meant, 9022 by default`,
      )
    case 'unreachable':
      return new AppError(
        'SIP_UNAVAILABLE',
        `DRACHTIO_HOST: no ${place} (${greeting.code}); start it first, or unset DRACHTIO_HOST to use the embedded SIP server`,
      )
  }
  return greeting satisfies never
}

/** What passed the wire. `server` is undefined before it is up. */
export function traceSip(
  server: () => SipServer | undefined,
  anchor: ClockAnchor,
  logger: Logger,
): SipTrace {
  const embedded = traceEmbeddedSip(() => server()?.embedded, anchor, logger)
  const elsewhere = {
    kind: 'unavailable',
    why: 'The SIP messages pass through a drachtio-server, which hands none over: its own log has them (sofia-loglevel 9), or Homer.',
  } as const
  return {
    ofCall: (sipCallIds) => {
      const current = server()
      const isElsewhere = current !== undefined && current.embedded === undefined
      return isElsewhere ? Promise.resolve(elsewhere) : embedded.ofCall(sipCallIds)
    },
  }
}
