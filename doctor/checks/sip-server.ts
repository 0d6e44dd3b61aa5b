// Which SIP server is used: the embedded one, and what only the other can do; or a drachtio-server, and whether it takes
// us. And what becomes of callers whom no trunk knows.
import { ms } from '#core/contracts'
import { hostOf, isLoopback, type Config, type ServerAccess } from '#core/config'
import {
  greetDrachtio,
  isOldDrachtio,
  OLDEST_DRACHTIO,
  type AnnouncedAddress,
  type DrachtioGreeting,
} from '#gateway'
import type { Check } from '../check.ts'
import { fail, info, ok, warn, type Finding } from '../finding.ts'

const NAME = 'sip server'
const ANSWER_WITHIN = ms(5000)

/** As gateway/embedded/README.md says. */
const LEFT_OUT = [
  'client certificates of our own',
  'NAPTR records',
  'outbound (RFC 5626)',
  'proxying for others',
  'SIP over WebSocket',
  'cdr events (their routes are accepted)',
  'queues of reliable provisional responses',
].join(', ')

export const sipServer: Check = {
  name: NAME,
  async run({ config }) {
    const { drachtio } = config
    const found =
      drachtio === undefined
        ? [info(NAME, `the embedded one; left to drachtio-server: ${LEFT_OUT}`)]
        : judgeGreeting(await greetDrachtio(drachtio, ANSWER_WITHIN), drachtio, config)
    return [...found, ...strangersOf(config)]
  },
}

function strangersOf({ strangers, trunks }: Config): readonly Finding[] {
  if (trunks.length === 0) return []
  const fate =
    strangers === 'drop' ? 'get no answer at all' : 'are refused with 403, so that they learn of us'
  return [info(NAME, `callers whom no trunk knows ${fate} (SIP_STRANGERS=${strangers})`)]
}

export function judgeGreeting(
  greeting: DrachtioGreeting,
  access: ServerAccess,
  config: Config,
): readonly Finding[] {
  switch (greeting.kind) {
    case 'accepted':
      return judgeAccepted(greeting, config)
    case 'wrong-secret':
      return [
        fail(
          NAME,
          'drachtio-server refuses our secret',
          'Set DRACHTIO_SECRET to the one of its <admin secret="…"> in drachtio.conf.xml, or of its environment.',
        ),
      ]
    case 'not-drachtio':
      return [
        fail(
          NAME,
          `what answers at DRACHTIO_HOST and DRACHTIO_PORT (${access.port}) is no drachtio-server`,
          'Set DRACHTIO_PORT to its <admin port="…">, 9022 by default.',
        ),
      ]
    case 'unreachable':
      return [
        fail(
          NAME,
          `drachtio-server is not reached (${greeting.code})`,
          'Start it, or check DRACHTIO_HOST and DRACHTIO_PORT and the address of its <admin>; without DRACHTIO_HOST the embedded one is used.',
        ),
      ]
  }
  return greeting satisfies never
}

type Accepted = Extract<DrachtioGreeting, { kind: 'accepted' }>

function judgeAccepted({ version, addresses }: Accepted, config: Config): readonly Finding[] {
  const at = addresses.map(written).join(', ')
  if (addresses.length === 0)
    return [
      fail(NAME, `drachtio-server ${version} takes us, and listens nowhere`, `${CONTACT} udp,tcp.`),
    ]
  const found = [ok(NAME, `drachtio-server ${version} takes us, and listens on ${at}`)]
  if (isOldDrachtio(version)) {
    const todo = `Use ${OLDEST_DRACHTIO} or later: before it, a name with an umlaut broke the connection.`
    return [...found, fail(NAME, `drachtio-server ${version} is too old`, todo)]
  }
  return [...found, ...outOfReach(addresses, config), ...otherAddress(addresses, config)]
}

const CONTACT = 'Start it with --contact sip:ADDRESS:5060;transport='

const written = ({ protocol, host, port }: AnnouncedAddress): string =>
  `${protocol} ${host.includes(':') ? `[${host}]` : host}:${port}`

function outOfReach(addresses: readonly AnnouncedAddress[], config: Config): readonly Finding[] {
  const isBeyond = config.trunks.some(({ domain, proxy }) => !isLoopback(hostOf(proxy ?? domain)))
  if (!isBeyond || addresses.some(({ host }) => !isLoopback(host))) return []
  const seen = 'drachtio-server listens on loopback only, and a trunk is elsewhere'
  return [fail(NAME, seen, `${CONTACT}udp,tcp, with an address that the carrier reaches.`)]
}

/** SDP says one, Contact the other. */
function otherAddress(
  addresses: readonly AnnouncedAddress[],
  { rtpAdvertise }: Config,
): readonly Finding[] {
  if (rtpAdvertise === undefined || addresses.some(({ host }) => host === rtpAdvertise)) return []
  const seen = 'SIP_ADVERTISE is not among the addresses that drachtio-server shows'
  return [warn(NAME, seen, `Start drachtio-server with --external-ip ${rtpAdvertise}.`)]
}
