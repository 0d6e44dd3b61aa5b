// Our SIP server for a question or a call: where firewalls and the carrier expect us, from free ports when those are taken.
import type { Config } from '#core/config'
import { startEmbeddedSip, type EmbeddedSip, type ListenAddress } from '#gateway'

export interface Listening {
  readonly sip: EmbeddedSip
  /** Free ports were used. */
  readonly moved: boolean
}

/** @param also beside those of SIP_LISTEN @throws what the second attempt threw */
export async function listenForTrunk(
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
