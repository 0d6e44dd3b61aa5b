// How the doctor speaks SIP: by the drachtio-server of the configuration, or by our own server where firewalls and the
// carrier expect it, from free ports when those are taken.
import { ms } from '#core/contracts'
import type { Config } from '#core/config'
import {
  greetDrachtio,
  startEmbeddedSip,
  type DrachtioAccess,
  type EmbeddedSip,
  type ListenAddress,
} from '#gateway'
import { listenOnce } from '../startup/listen-once.ts'

export interface SipWay {
  readonly admin: DrachtioAccess
  /** Free ports were used. */
  readonly moved: boolean
  close(): Promise<void>
}

export interface Listening {
  readonly sip: EmbeddedSip
  readonly moved: boolean
}

/** For questions: whoever asks drachtio-server takes no call of it. @throws as `listenForTrunk` */
export async function openSipWay(config: Config): Promise<SipWay> {
  if (config.drachtio !== undefined)
    return { admin: config.drachtio, moved: false, close: () => Promise.resolve() }
  const { sip, moved } = await listenForTrunk(config)
  return { admin: sip.admin, moved, close: () => sip.close() }
}

/** @param also beside those of SIP_LISTEN @throws what the second attempt threw */
async function listenForTrunk(
  { sipListen, sipAdvertise: advertise, sipTls: tls }: Config,
  also: readonly ListenAddress[] = [],
): Promise<Listening> {
  const options = { tls, ...(advertise === undefined ? {} : { advertise }) }
  const listen = [...sipListen, ...also]
  try {
    return { sip: await startEmbeddedSip({ ...options, listen }), moved: false }
  } catch {
    // What is wrong with the ports is told by their own check.
    const free = listen.map((address) => ({ ...address, port: 0 }))
    return { sip: await startEmbeddedSip({ ...options, listen: free }), moved: true }
  }
}

const GREETING_WITHIN = ms(5000)

/**
 * For a call, always by our own server: a drachtio-server would hand us calls of the voicegate that uses it. It goes from
 * other ports of drachtio-server's address then; where that is another machine's, or the one before a NAT, of RTP_HOST's.
 * @throws as `listenForTrunk`
 */
export async function listenForCall(
  config: Config,
  also: readonly ListenAddress[] = [],
): Promise<Listening> {
  if (config.drachtio === undefined) return listenForTrunk(config, also)
  const greeting = await greetDrachtio(config.drachtio, GREETING_WITHIN)
  const announced = greeting.kind === 'accepted' ? greeting.addresses : []
  const usual = new Set<string>()
  for (const { host } of announced)
    if ((await listenOnce('udp', host, 0)) === undefined) usual.add(host)
  const hosts = usual.size > 0 ? [...usual] : [config.rtpHost]
  const sipListen = hosts.flatMap((host): ListenAddress[] => [
    { protocol: 'udp', host, port: 0 },
    { protocol: 'tcp', host, port: 0 },
  ])
  const { sip } = await listenForTrunk({ ...config, sipListen }, also)
  return { sip, moved: true }
}
