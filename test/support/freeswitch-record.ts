// Records what a real FreeSWITCH says on its event socket while drachtio-fsmrf uses it, for freeswitch-replay.ts:
//   node test/support/freeswitch-record.ts
// It writes test/fixtures/freeswitch/session.json. A proxy stands on both ways: ours to FreeSWITCH, and its own back to us
// for each leg.
import DrachtioFsmrf from 'drachtio-fsmrf'
import { writeFileSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { startEmbeddedSip } from '../../gateway/embedded/index.ts'
import { connectDrachtio } from '../../gateway/sip/drachtio-connection.ts'
import { placeholder } from '../../gateway/sip/sdp/carrier-sdp.ts'
import { createLogger } from '#core/telemetry'
import type { FsmrfEndpoint, FsmrfMediaServer } from '../../gateway/media/freeswitch-types.ts'
import { startFreeSwitch } from './freeswitch.ts'
import { freeTcpPort } from './process.ts'

interface Frame {
  /** 0 is ours to FreeSWITCH, the others are its own, in order. */
  readonly connection: number
  readonly from: 'us' | 'freeswitch'
  readonly text: string
}

const HOST = '127.0.0.1'
/** Of events and of a leg's data only what says what happened; no path, name or time of this machine. */
const KEPT =
  /^(Event-Name|Event-UUID|Unique-ID|Channel-(Unique-ID|State|Call-State|Direction|HIT-Dialplan)|Application.*|DTMF-.*|Content-Type|Socket-Mode|Control|Reply-Text|variable_(sip_user_agent|sip_call_id|rtp_use_codec_name|rtp_2833_.*|endpoint_disposition|current_application.*|hangup_cause|bridge_uuid))$/

interface Recorder {
  readonly frames: Frame[]
  proxy(to: number): Promise<Server>
}

function createRecorder(): Recorder {
  const frames: Frame[] = []
  let connections = 0
  const proxy = async (to: number): Promise<Server> => {
    const server = createServer((near: Socket) => {
      const connection = connections++
      const far = connect(to, HOST)
      const isOurs = connection === 0
      const pass = (source: Socket, target: Socket, from: Frame['from']): void => {
        source.on('data', (bytes: Buffer) => {
          frames.push({ connection, from, text: bytes.toString('utf8') })
          target.write(bytes)
        })
        source.on('close', () => target.destroy())
        source.on('error', () => target.destroy())
      }
      pass(near, far, isOurs ? 'us' : 'freeswitch')
      pass(far, near, isOurs ? 'freeswitch' : 'us')
    })
    server.listen(0, HOST)
    await once(server, 'listening')
    return server
  }
  return { frames, proxy }
}

const portOf = (server: Server): number => {
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

/** What one side of a connection said, as the event socket counts messages. */
function* messagesOf(text: string): Generator<{ readonly head: string; readonly body: string }> {
  for (let rest = text; rest.trim() !== '';) {
    const end = rest.indexOf('\n\n')
    if (end < 0) return
    const head = rest.slice(0, end).replace(/^\n+/, '')
    const length = Number(/^Content-Length: (\d+)$/m.exec(head)?.[1] ?? 0)
    yield { head, body: rest.slice(end + 2, end + 2 + length) }
    rest = rest.slice(end + 2 + length)
  }
}

function scrubbed(head: string, body: string): { readonly head: string; readonly body: string } {
  if (head.startsWith('Event-Name')) {
    const lines = head.split('\n').filter((line) => KEPT.test(line.split(':')[0] ?? ''))
    return { head: lines.join('\n'), body }
  }
  if (!head.includes('event-json')) return { head: head.replace(/^Content-Length.*\n?/m, ''), body }
  const event = Object.entries(JSON.parse(body) as object).filter(([name]) => KEPT.test(name))
  return { head: 'Content-Type: text/event-json', body: JSON.stringify(Object.fromEntries(event)) }
}

/** Each connection's two sides, in the order in which they began to speak. */
function recordOf(frames: readonly Frame[], secret: string) {
  const connections = [...new Set(frames.map(({ connection }) => connection))]
  return connections.map((connection) => {
    const said = (who: Frame['from']) => {
      const mine = frames.filter((frame) => frame.connection === connection && frame.from === who)
      const text = mine
        .map(({ text }) => text)
        .join('')
        .replaceAll(secret, 'SECRET')
      return [...messagesOf(text)].map(({ head, body }) => scrubbed(head, body))
    }
    return { connection, us: said('us').map(({ head }) => head), freeswitch: said('freeswitch') }
  })
}

t.setTimeout(60_000)
await t.test('FreeSWITCH is recorded', async (t) => {
  const freeSwitch = await startFreeSwitch(t)
  const sip = await startEmbeddedSip({ listen: [{ protocol: 'udp', host: HOST, port: 0 }] })
  const connection = connectDrachtio(createLogger('silent'), sip.admin)
  await sleep(300)
  const recorder = createRecorder()
  const inbound = await recorder.proxy(freeSwitch.port)
  const listenPort = await freeTcpPort()
  const outbound = await recorder.proxy(listenPort)
  const Fsmrf = DrachtioFsmrf as new (srf: unknown) => {
    connect(options: object): Promise<FsmrfMediaServer & { disconnect(): void }>
  }
  const server = await new Fsmrf(connection.srf).connect({
    address: HOST,
    port: portOf(inbound),
    secret: freeSwitch.secret,
    listenAddress: HOST,
    listenPort,
    advertisedAddress: HOST,
    advertisedPort: portOf(outbound),
  })
  const sdp = placeholder({ codecs: ['PCMU'], srtp: 'off' }, HOST)
  const one: FsmrfEndpoint = await server.createEndpoint({ remoteSdp: sdp })
  const other: FsmrfEndpoint = await server.createEndpoint({ remoteSdp: sdp })
  await one.bridge(other.uuid)
  await server.api('uptime')
  await freeSwitch.api(`uuid_recv_dtmf ${one.uuid} 5`)
  await sleep(200)
  await one.destroy()
  await sleep(200)
  await freeSwitch.kill()
  await sleep(200)
  server.disconnect()
  connection.close()
  await sip.close()
  inbound.close()
  outbound.close()
  const record = recordOf(recorder.frames, freeSwitch.secret)
  writeFileSync(
    new URL('../fixtures/freeswitch/session.json', import.meta.url),
    `${JSON.stringify(record, null, 2)}\n`,
  )
})
