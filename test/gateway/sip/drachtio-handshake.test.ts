// Whether a drachtio-server takes us, and where it listens.
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { ms } from '#core/contracts'
import { startEmbeddedSip } from '../../../gateway/embedded/index.ts'
import { greetDrachtio } from '../../../gateway/sip/drachtio-handshake.ts'

/** Says this to whoever connects, and no more. */
async function says(
  t: Test,
  text: string,
): Promise<{ host: string; port: number; secret: string }> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    if (text !== '') socket.write(text)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port, secret: 'x' }
}

const framed = (text: string): string => `${Buffer.byteLength(text)}#${text}`

t.test('the embedded server says what a drachtio-server says', async (t) => {
  const sip = await startEmbeddedSip({ listen: [{ protocol: 'udp', host: '127.0.0.1', port: 0 }] })
  t.teardown(() => sip.close())
  const { addresses, admin } = sip
  t.match(await greetDrachtio(admin, ms(3000)), { kind: 'accepted', addresses })
  t.same(await greetDrachtio({ ...admin, secret: 'another' }, ms(3000)), { kind: 'wrong-secret' })
})

t.test('every address it announces, but those of WebSockets', async (t) => {
  const hostports = 'udp/192.0.2.1:5060,tls/[2001:db8::1]:5061,wss/192.0.2.1:443'
  const server = await says(t, framed(`a|response|b|OK|${hostports}|v0.9.10|${hostports}`))
  t.same(await greetDrachtio(server, ms(3000)), {
    kind: 'accepted',
    version: 'v0.9.10',
    addresses: [
      { protocol: 'udp', host: '192.0.2.1', port: 5060 },
      { protocol: 'tls', host: '2001:db8::1', port: 5061 },
    ],
  })
})

t.test('what is no drachtio-server', async (t) => {
  for (const text of ['', 'SSH-2.0-OpenSSH_9.2\r\n', '99999999#', '5#hello', '-1#'])
    t.same(await greetDrachtio(await says(t, text), ms(200)), { kind: 'not-drachtio' }, text)
})

t.test('what is not there', async (t) => {
  const nobody = { host: '127.0.0.1', port: 9, secret: 'x' }
  t.same(await greetDrachtio(nobody, ms(3000)), { kind: 'unreachable', code: 'ECONNREFUSED' })
})
