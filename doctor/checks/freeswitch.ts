// FreeSWITCH: does it take us, is its profile up, has it what the anchored trunks need, do its ports stay clear of ours?
import { isIP } from 'node:net'
import { ms, TELEPHONE_CODECS, type Trunk, type TrunkCodec } from '#core/contracts'
import { hostOf, isLoopback, type Config, type ServerAccess } from '#core/config'
import type { Check } from '../check.ts'
import { fail, info, ok, warn, type Finding } from '../finding.ts'
import { openEventSocket, type EventSocketOpening } from '../freeswitch/event-socket.ts'
import { askMediaServer, type MediaServer } from '../freeswitch/media-server.ts'
import { kernelRange, overlaps } from '../port-range.ts'
import { listenOnce } from '../../startup/listen-once.ts'

const NAME = 'freeswitch'
/** Each: it is near, and answers in milliseconds. */
const ANSWER_WITHIN = ms(3000)
/** The name that drachtio-fsmrf looks for. */
const PROFILE = 'drachtio_mrf'
const OWN_CONFIG = 'Start FreeSWITCH with the folder freeswitch/ of this project as its -conf'

/** What speaks each codec, and what its profile calls it. */
const CODECS: Readonly<
  Record<TrunkCodec, { readonly modules: readonly string[]; readonly name: string }>
> = {
  PCMU: { modules: [], name: 'PCMU' },
  PCMA: { modules: [], name: 'PCMA' },
  G722: { modules: ['mod_spandsp'], name: 'G722' },
  opus: { modules: ['mod_opus'], name: 'OPUS' },
}
/** Its legs come by SIP, and its dialplan hands them to us. */
const MODULES = ['mod_sofia', 'mod_dptools', 'mod_dialplan_xml'] as const
const OLDEST = { major: 1, minor: 10 }

export const freeswitch: Check = {
  name: NAME,
  async run({ config }) {
    const { freeswitch: access } = config
    if (access === undefined)
      return [info(NAME, 'none is configured: audio goes straight between the carrier and us')]
    const opening = await openEventSocket(access, ANSWER_WITHIN)
    if (opening.kind !== 'open') return [refused(opening)]
    const { socket } = opening
    try {
      const codecs = codecsOf(config.trunks)
      const modules = [...MODULES, ...codecs.flatMap((codec) => CODECS[codec].modules)]
      const server = await askMediaServer(socket, { profile: PROFILE, modules })
      return [
        ...judgeServer(server),
        ...judgeProfile(server, access, config),
        ...judgeCodecs(server, codecs),
        ...(await judgePorts(server, access, config)),
      ]
    } finally {
      socket.close()
    }
  },
}

/** Of those that it stands between. */
function codecsOf(trunks: readonly Trunk[]): readonly TrunkCodec[] {
  const anchored = trunks.filter(({ media }) => media === 'anchored')
  return [...new Set(anchored.flatMap(({ codecs = TELEPHONE_CODECS }) => codecs))]
}

function refused(opening: Exclude<EventSocketOpening, { kind: 'open' }>): Finding {
  switch (opening.kind) {
    case 'wrong-secret':
      return fail(
        NAME,
        'it refuses our secret',
        'Set FREESWITCH_SECRET to the password in its event_socket.conf.xml: with our freeswitch/ that is the FREESWITCH_SECRET of its own environment.',
      )
    case 'not-admitted':
      return fail(
        NAME,
        'it does not admit this machine',
        'Add the address of this machine to the list that apply-inbound-acl names in its event_socket.conf.xml.',
      )
    case 'not-freeswitch':
      return fail(
        NAME,
        'what answers at FREESWITCH_HOST and FREESWITCH_PORT is no event socket of FreeSWITCH',
        'Set FREESWITCH_PORT to the listen-port of its event_socket.conf.xml, 8021 by default.',
      )
    case 'unreachable':
      return fail(
        NAME,
        `it is not reached (${opening.code})`,
        'Start it, or check FREESWITCH_HOST and FREESWITCH_PORT and the listen-ip of its event_socket.conf.xml.',
      )
  }
  return opening satisfies never
}

function judgeServer({ version, isReady, missingModules }: MediaServer): readonly Finding[] {
  if (!isReady)
    return [fail(NAME, 'it takes us, and is not ready for calls', 'Wait, and look at its log.')]
  const found = [ok(NAME, `FreeSWITCH ${version ?? 'of a version unknown'} takes us, and is ready`)]
  const [major = 0, minor = 0] = version?.split('.').map(Number) ?? [Infinity]
  const isOld = major < OLDEST.major || (major === OLDEST.major && minor < OLDEST.minor)
  const todo = `Use ${OLDEST.major}.${OLDEST.minor} or later.`
  return [
    ...found,
    ...(isOld ? [warn(NAME, `version ${version ?? ''} was never tried with us`, todo)] : []),
    ...missingModules.map((name) =>
      fail(NAME, `${name} is not loaded`, `Add it to modules.conf.xml. ${OWN_CONFIG}.`),
    ),
  ]
}

function judgeProfile(
  { profile }: MediaServer,
  { host }: ServerAccess,
  { trunks }: Config,
): readonly Finding[] {
  if (profile === undefined)
    return [fail(NAME, `it has no SIP profile ${PROFILE}`, `${OWN_CONFIG}.`)]
  const { isRunning, sipAddress, rtpAddress } = profile
  if (!isRunning) {
    const todo = 'Look at its log: another program may have the port of the profile.'
    return [fail(NAME, `its SIP profile ${PROFILE} does not run`, todo)]
  }
  const found = [ok(NAME, `its SIP profile ${PROFILE} runs, audio at ${rtpAddress}`)]
  const isBeyond = trunks.some(
    ({ media, domain }) => media === 'anchored' && !isLoopback(hostOf(domain)),
  )
  if (isLoopback(sipAddress) && !isLoopback(host)) {
    const todo = 'Set FREESWITCH_LISTEN_IP of FreeSWITCH to the address that we reach it by.'
    found.push(fail(NAME, `its SIP profile listens on loopback, and FREESWITCH_HOST is not`, todo))
  }
  if (isBeyond && isLoopback(rtpAddress)) {
    const todo =
      'Set FREESWITCH_MEDIA_IP of FreeSWITCH to its address, and FREESWITCH_RTP_ADVERTISE behind a NAT.'
    found.push(fail(NAME, 'carriers are told to send their audio to its loopback', todo))
  }
  return found
}

function judgeCodecs(
  { profile, missingModules }: MediaServer,
  codecs: readonly TrunkCodec[],
): readonly Finding[] {
  if (profile === undefined || codecs.length === 0) return []
  const absent = codecs.filter((codec) => !profile.codecs.includes(CODECS[codec].name))
  if (absent.length > 0)
    return absent.map((codec) =>
      fail(
        NAME,
        `a trunk wants ${codec}, and its profile does not speak it`,
        `Add ${CODECS[codec].name} to inbound-codec-prefs and outbound-codec-prefs of ${PROFILE}.`,
      ),
    )
  if (missingModules.length > 0) return []
  return [ok(NAME, `it speaks what the anchored trunks want: ${codecs.join(', ')}`)]
}

async function judgePorts(
  { rtpPorts }: MediaServer,
  { host }: ServerAccess,
  { rtpPortMin, rtpPortMax }: Config,
): Promise<readonly Finding[]> {
  if (rtpPorts === undefined || !(await isThisMachine(host))) return []
  const { min, max } = rtpPorts
  if (overlaps(rtpPorts, { min: rtpPortMin, max: rtpPortMax })) {
    const seen = `its RTP ports (${min} to ${max}) are ours too (${rtpPortMin} to ${rtpPortMax}), and it runs on this machine`
    const todo =
      'Move RTP_PORT_MIN and RTP_PORT_MAX, or FREESWITCH_RTP_PORT_MIN and FREESWITCH_RTP_PORT_MAX of FreeSWITCH.'
    return [fail(NAME, seen, todo)]
  }
  const kernel = await kernelRange()
  if (kernel === undefined || !overlaps(rtpPorts, kernel))
    return [ok(NAME, `its RTP ports ${min} to ${max} are nobody else’s`)]
  const seen = `its RTP ports (${min} to ${max}) overlap the kernel’s own (${kernel.min} to ${kernel.max})`
  const todo =
    'Move FREESWITCH_RTP_PORT_MIN and FREESWITCH_RTP_PORT_MAX of FreeSWITCH, or net.ipv4.ip_local_port_range.'
  return [warn(NAME, seen, todo)]
}

const isThisMachine = async (host: string): Promise<boolean> =>
  isLoopback(host) || (isIP(host) > 0 && (await listenOnce('tcp', host, 0)) === undefined)
