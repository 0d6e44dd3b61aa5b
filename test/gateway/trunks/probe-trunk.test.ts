// The doctor's questions to a trunk: asked in the name that is registered, and nothing left behind when nobody listens.
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import t from 'tap'
import { ms, type Trunk } from '../../../core/contracts/index.ts'
import { startEmbeddedSip } from '../../../gateway/embedded/index.ts'
import { probeTrunk } from '../../../gateway/trunks/probe-trunk.ts'
import { SipPeer } from '../embedded/sip-peer.ts'

const CHALLENGE = 'WWW-Authenticate: Digest realm="carrier", nonce="n", algorithm=MD5, qop="auth"'

t.test('the user is asked for, and who proves it has the name for digest', async (t) => {
  const sip = await startEmbeddedSip({ listen: [{ protocol: 'udp', host: '127.0.0.1', port: 0 }] })
  t.teardown(() => sip.close())
  const peer = await SipPeer.open(t)
  const trunk: Trunk = {
    name: 'one',
    domain: peer.hostPort,
    numbers: [],
    account: {
      user: '4930555100',
      authUser: 'user@realm',
      password: 'p',
      registers: true,
      settings: 'here',
    },
  }
  const probed = probeTrunk(sip.admin, trunk, ms(3000))
  const options = await peer.wait('OPTIONS')
  t.match(options.headers.get('From'), `<sip:4930555100@${peer.hostPort}>`)
  peer.reply(options, '200 OK', { tag: 'a' })
  const first = await peer.wait('REGISTER', 1)
  t.equal(first.headers.get('To'), `<sip:4930555100@${peer.hostPort}>`)
  t.notOk(first.headers.has('Contact'), 'nobody is registered')
  peer.reply(first, '401 Who', { tag: 'b', headers: [CHALLENGE] })
  const second = await peer.wait('REGISTER', 2)
  t.match(second.headers.get('Authorization'), /username="user@realm"/)
  peer.reply(second, '200 OK', { tag: 'b' })
  t.match(await probed, {
    options: { kind: 'answered', status: 200, challenged: false },
    register: { kind: 'answered', status: 200, challenged: true },
  })
})

t.test('a SIP server that says nothing is let go of', async (t) => {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined).resume()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const trunk: Trunk = { name: 'one', domain: '127.0.0.1', numbers: [] }
  const mute = { host: '127.0.0.1', port, secret: 'x' }
  await t.rejects(probeTrunk(mute, trunk, ms(200)), { code: 'TIMED_OUT' })
  const [socket] = sockets
  if (!socket?.readableEnded && socket) await once(socket, 'end')
  t.equal(sockets.length, 1, 'and not asked again')
})
