// The carrier against a foreign SIP stack: Debian's sipp calls it, and is called by it.
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { startCarrier } from '../../../simulators/carrier/index.ts'
import { hasSipp, runSipp } from './sipp-run.ts'

const options = hasSipp ? {} : { skip: 'sipp is not installed (apt-get install sip-tester)' }

async function freePort(): Promise<number> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  return port
}

const CANCEL_SCENARIO = `<?xml version="1.0" encoding="UTF-8"?>
<scenario name="cancel">
<send retrans="500"><![CDATA[
INVITE sip:[service]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:sipp@[local_ip]:[local_port]>;tag=[pid]c[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:sipp@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: [len]

v=0
o=- 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 0
]]></send>
<recv response="100" optional="true"/>
<recv response="180"/>
<pause milliseconds="200"/>
<send retrans="500"><![CDATA[
CANCEL sip:[service]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch-4]
From: <sip:sipp@[local_ip]:[local_port]>;tag=[pid]c[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 CANCEL
Max-Forwards: 70
Content-Length: 0

]]></send>
<recv response="200"/>
<recv response="487"/>
<send><![CDATA[
ACK sip:[service]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch-7]
From: <sip:sipp@[local_ip]:[local_port]>;tag=[pid]c[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: 1 ACK
Max-Forwards: 70
Content-Length: 0

]]></send>
</scenario>
`

t.test('sipp calls the carrier, echoes its sound and hangs up', options, async (t) => {
  const carrier = await startCarrier()
  t.teardown(() => carrier.close())
  carrier.script('*', [{ ring: 50 }, { answer: true }, { untilHangUp: 20_000 }])
  const { host, port } = carrier.address
  const mediaPort = String(await freePort())
  const sipp = runSipp([
    ...['-sn', 'uac', `${host}:${port}`, '-s', '4930111222', '-p', String(await freePort())],
    ...['-mp', mediaPort, '-m', '3', '-r', '10', '-d', '600', '-rtp_echo', '-timeout', '20'],
  ])
  t.teardown(() => sipp.stop())
  t.equal(await sipp.exitCode, 0)
  t.equal(carrier.calls.length, 3)
  for (const call of carrier.calls) {
    t.match(call, { finalStatus: 200, byeBy: 'gateway', to: '4930111222' })
    t.ok(call.ackAt && call.endedAt)
    t.ok(call.rtpIn.packets > 10, `echoed ${call.rtpIn.packets} of ${call.rtpOut.packets}`)
    // sipp's own scenario sends requests in the dialog to the dialled URI, not to the Contact: a real fault, seen.
    t.same(
      call.protocolErrors.filter((complaint) => !complaint.includes('not our Contact')),
      [],
    )
  }
})

t.test('the carrier calls sipp, is heard in the echo and hangs up', options, async (t) => {
  const carrier = await startCarrier()
  t.teardown(() => carrier.close())
  const port = await freePort()
  const sipp = runSipp([
    ...['-sn', 'uas', '-p', String(port), '-mp', String(await freePort()), '-rtp_echo'],
    ...['-m', '1', '-timeout', '20'],
  ])
  t.teardown(() => sipp.stop())
  const call = await carrier.call({
    to: `sip:4930111222@127.0.0.1:${port}`,
    from: '+4930900000',
    script: [{ say: { tone: 440, ms: 600 } }, { listen: 200 }, { hangUp: true }],
  })
  await carrier.waitForCall(() => call.endedAt !== null, 15_000)
  t.match(call, { finalStatus: 200, byeBy: 'carrier' })
  t.ok(call.ackAt! >= call.answeredAt!)
  t.ok(call.rtpIn.packets > 20, `echoed ${call.rtpIn.packets} of ${call.rtpOut.packets}`)
  t.same(call.protocolErrors, [])
  t.equal(await sipp.exitCode, 0)
})

t.test('sipp cancels a call that rings', options, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'carrier-cancel-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const scenario = join(folder, 'cancel.xml')
  writeFileSync(scenario, CANCEL_SCENARIO)
  const carrier = await startCarrier()
  t.teardown(() => carrier.close())
  carrier.script('*', 'noAnswer')
  const { host, port } = carrier.address
  const sipp = runSipp([
    ...['-sf', scenario, `${host}:${port}`, '-p', String(await freePort())],
    ...['-mp', String(await freePort()), '-m', '1', '-timeout', '15'],
  ])
  t.teardown(() => sipp.stop())
  t.equal(await sipp.exitCode, 0)
  const [call] = carrier.calls
  t.match(call, { finalStatus: 487, answeredAt: null })
  t.ok(call?.cancelAt)
  t.same(call?.protocolErrors, [])
})
