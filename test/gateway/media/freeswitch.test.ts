// The adapter for FreeSWITCH against what a real one said on its event socket, and against the ways in which it fails:
// every wait ends.
import t, { type Test } from 'tap'
import { setTimeout as sleep } from 'node:timers/promises'
import { ms, newCallId } from '#core/contracts'
import { createLogger, createMetrics } from '#core/telemetry'
import { startEmbeddedSip } from '../../../gateway/embedded/index.ts'
import { openFreeSwitch } from '../../../gateway/media/freeswitch.ts'
import { exposeMediaServer } from '../../../gateway/media/media-server-metrics.ts'
import type { AnchorOptions, MediaServer } from '../../../gateway/media/media-server-port.ts'
import { placeholder } from '../../../gateway/sip/sdp/carrier-sdp.ts'
import { sample } from '../../support/build-app.ts'
import {
  replayFreeSwitch,
  type ReplayedFreeSwitch,
  type ReplayFaults,
} from '../../support/freeswitch-replay.ts'
import { eventually, freeTcpPort } from '../../support/process.ts'

// They mostly wait.
t.jobs = 8
const TOGETHER = { buffered: true } as const
const HOST = '127.0.0.1'
const SPOKEN = { codecs: ['PCMU'], srtp: 'off' } as const
const SDP = placeholder(SPOKEN, HOST)

const options = (): AnchorOptions => ({
  callId: newCallId(),
  ours: SDP,
  ourAddress: HOST,
  offer: SDP,
  ...SPOKEN,
})

interface Stage {
  readonly freeSwitch: ReplayedFreeSwitch
  readonly server: MediaServer
  readonly log: readonly string[]
}

async function stage(t: Test, faults: ReplayFaults = {}, secret?: string): Promise<Stage> {
  const freeSwitch = await replayFreeSwitch(t, faults)
  const sip = await startEmbeddedSip({ listen: [{ protocol: 'udp', host: HOST, port: 0 }] })
  t.teardown(() => sip.close())
  const log: string[] = []
  const logger = createLogger('info', { write: (line: string) => void log.push(line) })
  const { port } = freeSwitch
  const server = openFreeSwitch(
    { logger },
    {
      host: HOST,
      port,
      secret: secret ?? freeSwitch.secret,
      sipServer: sip.admin,
      askEvery: ms(200),
    },
  )
  t.teardown(() => server.close())
  return { freeSwitch, server, log }
}

const connected = ({ server }: Stage): Promise<unknown> =>
  eventually('a connection', 5000, () => server.isConnected)

const FAILED = { code: 'MEDIA_SERVER_FAILED' }

t.test('a call is anchored: two legs, bridged, taken back', TOGETHER, async (t) => {
  const at = await stage(t)
  await connected(at)
  t.equal(at.server.nearAddress, HOST)
  const anchor = await at.server.anchor(options())
  t.equal(at.freeSwitch.legs, 2)
  t.match(anchor.sdp, /m=audio 9 RTP\/AVP 0 101/)
  t.match(anchor.towardsUs, /m=audio/)
  t.match(await anchor.accept(SDP), /m=audio/)
  t.match(await anchor.reanswer(SDP), /m=audio/)
  t.ok(at.freeSwitch.commands.includes('api uuid_bridge'))
  await anchor.close()
  await anchor.close()
  t.equal(at.freeSwitch.legs, 0)
})

t.test(
  'FreeSWITCH dies in the middle of a call: it is told once, and connected to again',
  async (t) => {
    const at = await stage(t)
    await connected(at)
    const anchor = await at.server.anchor(options())
    let told = 0
    anchor.onLost(() => (told += 1))
    at.freeSwitch.die()
    await eventually('the loss', 1000, () => told > 0)
    t.notOk(at.server.isConnected)
    await t.rejects(anchor.accept(SDP), FAILED)
    await anchor.close()
    await connected(at)
    const next = await at.server.anchor(options())
    t.equal(told, 1)
    await next.close()
  },
)

t.test('FreeSWITCH dies in the middle of a command', TOGETHER, async (t) => {
  const at = await stage(t)
  await connected(at)
  at.freeSwitch.faults = { diesAt: 'api uuid_bridge' }
  const before = performance.now()
  await t.rejects(at.server.anchor(options()), FAILED)
  t.ok(performance.now() - before < 2500, 'at once')
})

t.test('a command that is never answered', TOGETHER, async (t) => {
  const at = await stage(t)
  await connected(at)
  at.freeSwitch.faults = { ignores: 'api uuid_bridge' }
  await t.rejects(at.server.anchor(options()), FAILED)
  t.equal(at.freeSwitch.legs, 0, 'no leg is left')
})

t.test('FreeSWITCH refuses a leg: the other one is not left', TOGETHER, async (t) => {
  const at = await stage(t)
  await connected(at)
  at.freeSwitch.faults = { refusesWith: 488 }
  await t.rejects(at.server.anchor(options()), { ...FAILED, message: /refused with 488/ })
  t.equal(at.freeSwitch.legs, 0)
})

t.test('the metrics say whether it is there', TOGETHER, async (t) => {
  const at = await stage(t, {})
  const metrics = createMetrics()
  exposeMediaServer(metrics, at.server)
  const isUp = () => sample(metrics, 'component_up{component="media-server"}')
  await connected(at)
  t.equal(await isUp(), 1)
  await at.server.close()
  t.equal(await isUp(), 0)
  t.match((await metrics.render()).body, 'voicegate_component_up{component="media-server"} 0')
})

t.test('FreeSWITCH hangs: asked, it does not answer, and is lost', TOGETHER, async (t) => {
  const at = await stage(t)
  await connected(at)
  at.freeSwitch.faults = { ignores: 'api' }
  await eventually('the loss', 5000, () => !at.server.isConnected)
})

t.test(
  'nobody is there: it is said once, asked seldom, and closed at once',
  TOGETHER,
  async (t) => {
    const log: string[] = []
    const logger = createLogger('info', { write: (line: string) => void log.push(line) })
    const port = await freeTcpPort()
    const sip = await startEmbeddedSip({ listen: [{ protocol: 'udp', host: HOST, port: 0 }] })
    t.teardown(() => sip.close())
    const address = { host: HOST, port, secret: 'unused' }
    const server = openFreeSwitch({ logger }, { ...address, sipServer: sip.admin })
    await eventually('a line of the log', 3000, () => log.some((line) => /ECONNREFUSED/.test(line)))
    await sleep(1200)
    t.equal(log.filter((line) => /trying again/.test(line)).length, 1)
    await t.rejects(server.anchor(options()), FAILED)
    const before = performance.now()
    await server.close()
    t.ok(performance.now() - before < 500)
  },
)

t.test('what cannot be used is said once, and tried again', TOGETHER, async (t) => {
  const cases = [
    ['nothing is said', { isMute: true }, undefined, /took longer/],
    ['the secret is wrong', {}, 'another', /FREESWITCH_SECRET/],
    ['the profile is missing', { lacksProfile: true }, undefined, /no SIP profile drachtio_mrf/],
  ] as const
  await Promise.all(
    cases.map(([name, faults, secret, said]) =>
      t.test(name, TOGETHER, async (t) => {
        const at = await stage(t, faults, secret)
        await eventually('a line of the log', 5000, () => at.log.some((line) => said.test(line)))
        t.notOk(at.server.isConnected)
        await t.rejects(at.server.anchor(options()), FAILED)
        at.freeSwitch.faults = {}
        if (secret === undefined) await connected(at)
      }),
    ),
  )
})
