// A sender that is not ours: ffmpeg, with packets of its own sizes and its own RTCP, into real sockets.
import t, { type Test } from 'tap'
import { FramePacer } from '../../../bridge/audio/frame-pacer.ts'
import { g711 } from '../../../bridge/audio/g711.ts'
import { decodeRtcp } from '../../../bridge/rtp/rtcp-packet.ts'
import { PortPool } from '../../../bridge/rtp/port-pool.ts'
import { openRtpSocketPair } from '../../../bridge/rtp/rtp-socket.ts'
import { SourceGate } from '../../../bridge/rtp/source-gate.ts'
import { Uplink } from '../../../bridge/session/uplink.ts'
import { createMediaTally, Tally } from '../../../bridge/worker/tally.ts'
import type { TelephoneCodec } from '../../../core/contracts/index.ts'
import { needs, startProgram } from '../../support/process.ts'
import { remoteRtp } from '../../support/remote-rtp.ts'
import { amplitudeAt } from '../../support/tone.ts'

const now = () => performance.now()

async function stage(t: Test, codec: TelephoneCodec) {
  const payloadType = codec === 'PCMU' ? 0 : 8
  const gate = new SourceGate()
  // ffmpeg sends from a port of its own choice: the announced one is never heard.
  const remote = { address: '127.0.0.1', port: 9, formats: [{ codec, payloadType }] as const }
  gate.announce(remoteRtp(remote))
  const tally = createMediaTally(new Tally())
  const heard: Buffer[] = []
  const uplink = new Uplink({
    gate,
    tally,
    now,
    frameMs: 20,
    onFirstPacket: () => undefined,
    onDigit: () => undefined,
  })
  const pool = new PortPool({ min: 30_000, max: 31_999, quarantineMs: 0, now })
  const pair = await pool.acquire((port) =>
    openRtpSocketPair('127.0.0.1', port, {
      onDatagram: (datagram, { address, port: from }) => uplink.receive(datagram, address, from),
      onRtcp: (datagram, { address, port: from }) => uplink.receiveRtcp(datagram, address, from),
      onError: (error) => t.fail(error.message),
    }),
  )
  const pacer = new FramePacer({ now, onLateFrames: () => undefined })
  pacer.join({ onFrame: (_tick, skipped) => uplink.tick(now(), skipped) })
  t.teardown(async () => {
    pacer.close()
    await pair.close()
  })
  uplink.open({ sendCallerAudio: (frame) => heard.push(Buffer.from(frame)) }, now())
  return { uplink, tally, heard, pair, gate }
}

for (const [codec, packetBytes] of [
  ['PCMU', 160],
  ['PCMA', 80],
  ['PCMA', 480],
  ['PCMU', 1460],
] as const) {
  const name = `${codec} packets of ${packetBytes / 8} ms arrive whole`
  t.test(name, needs('ffmpeg', 'ffmpeg'), async (t) => {
    const { uplink, tally, heard, pair, gate } = await stage(t, codec)
    const encoder = codec === 'PCMU' ? 'pcm_mulaw' : 'pcm_alaw'
    const options = `rtcpport=${pair.port + 1}&pkt_size=${packetBytes + 12}`
    const sender = startProgram(t, [
      'ffmpeg', '-nostdin', '-loglevel', 'error', '-re',
      '-f', 'lavfi', '-i', 'sine=frequency=1000:sample_rate=8000:duration=2',
      '-c:a', encoder, '-f', 'rtp', `rtp://127.0.0.1:${pair.port}?${options}`,
    ]) // oxfmt-ignore
    t.match(await sender.ended, { code: 0 }, sender.stderr)
    const reports: Uint8Array[] = []
    const leave = (packet: Uint8Array) => void reports.push(packet)
    const sent = { ssrc: 1, packets: 0, octets: 0, lastRtpTimestamp: 0, lastSentAtMs: 0 }
    uplink.startReports({ socket: { send: leave, sendRtcp: leave }, sent: () => sent })
    uplink.endReports('bye')
    const { packets, lost, mos } = uplink.quality()
    // It cuts each 1024 samples of its own into such packets and a rest.
    t.ok(packets >= 16_000 / packetBytes, 'every packet', { packets })
    t.equal(lost, 0)
    t.ok((mos ?? 0) > 4.3)
    t.equal(tally.rtp.rejected.rtcp.value, 0, 'its reports were understood')
    t.match(gate.rtcpDestination, { address: '127.0.0.1' })
    t.not(gate.rtcpDestination?.port, 10, 'and ours go where they came from')
    const [report] = decodeRtcp(reports[0] ?? new Uint8Array(0)) ?? []
    const [block] = report?.kind === 'receiver-report' ? report.blocks : []
    t.ok((block?.lastReport ?? 0) > 0, 'ours answers its last')
    const samples = Int16Array.from(Buffer.concat(heard), (code) => g711(codec).decode[code] ?? 0)
    const first = samples.findIndex((sample) => Math.abs(sample) > 1000)
    // It sends 128 ms at once; the first of the gaps between is filled, and then the agent is that much behind.
    const tone = samples.subarray(first + 7000, first + 15_000)
    // ffmpeg's sine has an eighth of full scale.
    t.ok(Math.abs(amplitudeAt(tone, 1000) / 4096 - 1) < 0.02, 'its tone, as loud as it was')
  })
}
