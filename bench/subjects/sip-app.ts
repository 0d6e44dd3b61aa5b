// The least drachtio application, on the embedded SIP server or another: every INVITE is answered, every BYE taken.
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
  /** With an embedded server in this process. */
  async start() {
    const sip = await startEmbeddedSip({ listen: [{ protocol: 'udp', host: HOST, port: 0 }] })
    await connect(sip.admin)
    return { port: sip.addresses[0]?.port ?? 0 }
  },
  connect,
  begin: () => meter.begin(),
  end: () => meter.end(),
}

export type SipApp = typeof commands

serve(commands)

interface Admin {
  readonly host: string
  readonly port: number
  readonly secret: string
}

async function connect(admin: Admin): Promise<void> {
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
  srf.connect({ ...admin, reconnect: { retryMaxDelay: RETRY_MAX_DELAY_MS } })
  await connected
}
