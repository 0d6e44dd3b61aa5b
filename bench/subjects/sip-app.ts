// The embedded SIP server with the least drachtio application: every INVITE is answered, every BYE taken.
import DrachtioSrf from 'drachtio-srf'
import { startEmbeddedSip } from '../../gateway/index.ts'
import type { Srf } from '../../gateway/sip/drachtio-types.ts'
import { serve } from '../process/serve.ts'
import { createUsageMeter } from '../process/usage-meter.ts'

const HOST = '127.0.0.1'
const RETRY_MAX_DELAY_MS = 2000
/** Nobody sends to it: SIPp's built-in caller has no media. */
const SDP = [
  'v=0',
  `o=- 1 1 IN IP4 ${HOST}`,
  's=-',
  `c=IN IP4 ${HOST}`,
  't=0 0',
  'm=audio 12000 RTP/AVP 0',
  '',
].join('\r\n')

const meter = createUsageMeter()

const commands = {
  async start() {
    const sip = await startEmbeddedSip({ listen: [{ protocol: 'udp', host: HOST, port: 0 }] })
    const srf = new DrachtioSrf() as unknown as Srf
    srf.on('error', () => undefined) // The bench ends the server first.
    const connected = new Promise<void>((resolve, reject) => {
      srf.on('connect', (error) => {
        if (error) reject(error)
        else resolve()
      })
    })
    srf.invite((request, response) => {
      srf.createUAS(request, response, { localSdp: SDP, headers: {} }, (_error, dialog) => {
        // A failed answer is a failed call, and SIPp counts it.
        dialog?.on('destroy', () => undefined)
      })
    })
    srf.connect({ ...sip.admin, reconnect: { retryMaxDelay: RETRY_MAX_DELAY_MS } })
    await connected
    return { port: sip.addresses[0]?.port ?? 0 }
  },
  begin: () => meter.begin(),
  end: () => meter.end(),
}

export type SipApp = typeof commands

serve(commands)
