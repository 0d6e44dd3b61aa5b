// The two sockets of a call: which port is which, and what still leaves when they close.
import t, { type Test } from 'tap'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { PortPool } from '../../../bridge/rtp/port-pool.ts'
import { openRtpSocketPair } from '../../../bridge/rtp/rtp-socket.ts'
import { eventually } from '../../support/process.ts'

async function stage(t: Test) {
  const heard: [string, string][] = []
  const pool = new PortPool({ min: 32_000, max: 32_767, quarantineMs: 0, now: () => 0 })
  const pair = await pool.acquire((port) =>
    openRtpSocketPair('127.0.0.1', port, {
      onDatagram: (datagram) => heard.push(['rtp', datagram.toString()]),
      onRtcp: (datagram) => heard.push(['rtcp', datagram.toString()]),
      onError: (error) => t.fail(error.message),
    }),
  )
  const peer = createSocket('udp4')
  peer.bind(0, '127.0.0.1')
  await once(peer, 'listening')
  t.teardown(async () => {
    peer.close()
    await pair.close()
  })
  return { pair, peer, heard, peerPort: peer.address().port }
}

t.test('what comes to the upper port is RTCP, and leaves from it', async (t) => {
  const { pair, peer, heard, peerPort } = await stage(t)
  peer.send('audio', pair.port, '127.0.0.1')
  peer.send('report', pair.port + 1, '127.0.0.1')
  await eventually('both datagrams', 2000, () => heard.length === 2)
  t.same(heard.sort(), [
    ['rtcp', 'report'],
    ['rtp', 'audio'],
  ])
  for (const [send, port] of [
    ['send', pair.port],
    ['sendRtcp', pair.port + 1],
  ] as const) {
    pair[send](Buffer.from('ours'), peerPort, '127.0.0.1')
    const [, source] = (await once(peer, 'message')) as [Buffer, { port: number }]
    t.equal(source.port, port, send)
  }
})

t.test('a goodbye leaves though the sockets are closed right behind it', async (t) => {
  const { pair, peer, peerPort } = await stage(t)
  const received: string[] = []
  peer.on('message', (datagram) => received.push(datagram.toString()))
  pair.sendRtcp(Buffer.from('bye'), peerPort, '127.0.0.1')
  await Promise.all([pair.close(), pair.close()])
  await eventually('the goodbye', 2000, () => received.length === 1)
  pair.send(Buffer.from('late'), peerPort, '127.0.0.1')
  pair.sendRtcp(Buffer.from('late'), peerPort, '127.0.0.1')
  t.same(received, ['bye'], 'and nothing after it')
})
