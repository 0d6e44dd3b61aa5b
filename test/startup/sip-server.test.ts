// A drachtio-server as our SIP server: which are taken, and what is said about the settings that mean nothing then.
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { compileConfig } from '#core/config'
import { createLogger, createMetrics } from '#core/telemetry'
import { openSipServer, traceSip, type SipServer } from '../../startup/sip-server.ts'

async function open(
  t: Test,
  version: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<SipServer> {
  const answer = `a|response|b|OK|udp/127.0.0.1:5099|${version}|udp/127.0.0.1:5099`
  const server = createServer((socket) => {
    socket.write(`${Buffer.byteLength(answer)}#${answer}`)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const compiled = compileConfig(
    { DRACHTIO_HOST: '127.0.0.1', DRACHTIO_PORT: String(port), ...settings },
    {},
  )
  if (!('config' in compiled)) throw new Error(JSON.stringify(compiled.problems))
  const { config } = compiled
  const deps = { config, logger: createLogger('silent'), metrics: createMetrics() }
  return openSipServer({ ...deps, carrierIsLocal: false })
}

t.test('its own addresses, nothing of the embedded server', async (t) => {
  const server = await open(t, 'v0.9.10')
  t.match(server, {
    addresses: [{ protocol: 'udp', host: '127.0.0.1', port: 5099 }],
    admin: { outlivesUs: true },
    notes: [],
    embedded: undefined,
    callOff: undefined,
  })
  const anchor = { epochMs: 0, monotonicMs: 0 } as never
  const trace = traceSip(() => server, anchor, createLogger('silent'))
  t.match(await trace.ofCall(['any']), { kind: 'unavailable', why: /drachtio-server/ })
  await server.close()
})

t.test('a SIP_LISTEN that was set is ignored, and it is said', async (t) => {
  const { notes } = await open(t, 'v0.9.10', { SIP_LISTEN: 'udp:127.0.0.1:5070' })
  t.same(notes, ['SIP_LISTEN is ignored: drachtio-server listens for us'])
})

t.test('one whose frames are counted in characters is refused', async (t) => {
  await t.rejects(open(t, 'v0.8.26'), { code: 'CONFIGURATION_INVALID', message: /too old.*0\.9/ })
  await open(t, 'some-branch')
  t.pass('one without a number is believed')
})
