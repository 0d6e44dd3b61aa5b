// Opens the embedded SIP server where the configuration says; in rehearsal it helps itself where that is not possible.
import { isIPv4 } from 'node:net'
import { isLoopback, type Config } from '#core/config'
import { AppError, systemCodeOf } from '#core/errors'
import type { Logger } from '#core/telemetry'
import { freeSipPort, startEmbeddedSip, type EmbeddedSip } from '#gateway'
import { listenOnce } from './listen-once.ts'
import { whyNot } from './own-addresses.ts'

type Listen = Config['sipListen']

export interface SipListening {
  readonly sip: EmbeddedSip
  /** What was done otherwise than the configuration says. */
  readonly notes: readonly string[]
}

const CARRIER_ADDRESS = { protocol: 'udp', host: '127.0.0.1', port: 0 } as const

/** @param carrierIsLocal the simulated carrier is used: it speaks UDP on 127.0.0.1 only */
export async function listenForSip(
  config: Config,
  logger: Logger,
  carrierIsLocal = false,
): Promise<SipListening> {
  const isReachable = config.sipListen.some(
    ({ protocol, host }) => protocol === 'udp' && isIPv4(host) && isLoopback(host),
  )
  if (!carrierIsLocal || isReachable)
    return { sip: await open(config, config.sipListen, logger), notes: [] }
  const sip = await open(config, [...config.sipListen, CARRIER_ADDRESS], logger)
  const { port } = sip.addresses.at(-1) ?? CARRIER_ADDRESS
  const note = `SIP_LISTEN has no udp address on 127.0.0.1, where the simulated carrier is: udp:127.0.0.1:${port} was added`
  logger.warn(note)
  return { sip, notes: [note] }
}

/** In rehearsal a busy port is replaced by a free one; elsewhere it is the user's to settle. */
async function open(config: Config, listen: Listen, logger: Logger): Promise<EmbeddedSip> {
  const { rehearsal, sipAdvertise, sipTls } = config
  const advertise = sipAdvertise === undefined ? {} : { advertise: sipAdvertise }
  const start = (at: Listen): Promise<EmbeddedSip> =>
    startEmbeddedSip({ listen: at, ...advertise, tls: sipTls })
  try {
    return await start(listen)
  } catch (error) {
    if (!rehearsal || systemCodeOf(error) !== 'EADDRINUSE')
      throw await sipAddressError(error, listen)
  }
  logger.warn('a SIP port is taken: free ones are used')
  try {
    return await start(await onFreePorts(listen))
  } catch (error) {
    throw await sipAddressError(error, [])
  }
}

/** UDP and TCP stay on one port where they were: phones find the one by the other. TLS cannot share TCP's. */
async function onFreePorts(listen: Listen): Promise<Listen> {
  const moved = new Map<string, number>()
  const placeOf = ({ protocol, host, port }: Listen[number]): string =>
    `${host} ${port} ${protocol === 'tls' ? 'tls' : ''}`
  for (const address of listen) {
    const place = placeOf(address)
    if (address.port !== 0 && !moved.has(place)) moved.set(place, await freeSipPort(address.host))
  }
  return listen.map((address) => ({ ...address, port: moved.get(placeOf(address)) ?? 0 }))
}

/** Ports and addresses are the user's to settle; anything else is a defect and keeps its stack. */
async function sipAddressError(error: unknown, listen: Listen): Promise<unknown> {
  const code = systemCodeOf(error)
  if (code === undefined) return error
  const culprit = await whichIs(code, listen)
  const place = culprit === undefined ? 'there' : `at ${culprit.protocol}:${hostPort(culprit)}`
  const why = code === 'EADDRINUSE' ? 'the port is taken' : whyNot(culprit?.host ?? 'it', code)
  return new AppError('CONFIGURATION_INVALID', `SIP_LISTEN: cannot listen ${place}: ${why}`, {
    cause: error,
  })
}

/** The server says what happened, not where: the first that fails the same way. */
async function whichIs(code: string, listen: Listen): Promise<Listen[number] | undefined> {
  for (const address of listen) {
    const { protocol, host, port } = address
    if ((await listenOnce(protocol === 'udp' ? 'udp' : 'tcp', host, port)) === code) return address
  }
  return undefined
}

const hostPort = ({ host, port }: Listen[number]): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`
