// The same over TLS, as the real vendor is reached: verified, warmed, upgraded on the warmed connection.
import { connect as connectTcp, type AddressInfo, type Socket } from 'node:net'
import { createServer, getCACertificates, setDefaultCACertificates } from 'node:tls'
import t, { type Test } from 'tap'
import { createLogger } from '#core/telemetry'
import { createClock } from '#core/time'
import { createConversation } from '../../../bridge/elevenlabs/conversation.ts'
import { startElevenLabs, type ElevenLabsSimulator } from '../../../simulators/elevenlabs/index.ts'
import { AGENT_ID, API_KEY, CALL_ID, createWitness, eventually } from './support.ts'

/** Self-signed for localhost, made for this test; it protects nothing. */
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBlTCCATugAwIBAgIUaJl3uadMXWA+3eJTUup7/bDxq0owCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMDE0NTEyOVoYDzIxMjYxMDI3
MTQ1MTI5WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATZ6V4vOwRcoE/KHtA8DZerwHQZTq8TArAfrouEzI37Ejc82/DnnZfZ
U0hqF1/T12r7WV3HHp0GKilTPyhzGV32o2kwZzAdBgNVHQ4EFgQUFWd/E4DtNlJn
ErSubln/b7AnX5swHwYDVR0jBBgwFoAUFWd/E4DtNlJnErSubln/b7AnX5swDwYD
VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
SAAwRQIgAKfmL1Bav1W1nF2w0f0Tp7CylLipJ20HU1RJMoHU4lUCIQDicPO3I3j0
yFIf2vPMUN+ipz6tUrl2dh049XI2XrilEA==
-----END CERTIFICATE-----`
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgoxgxxqqO7E9mnDCx
ivj0ngjnJvHSNt1JIHH8teu4+2WhRANCAATZ6V4vOwRcoE/KHtA8DZerwHQZTq8T
ArAfrouEzI37Ejc82/DnnZfZU0hqF1/T12r7WV3HHp0GKilTPyhzGV32
-----END PRIVATE KEY-----`

interface Front {
  readonly authority: string
  readonly handshakes: { names: (string | false)[] }
}

/** TLS in front of the simulator. */
async function openFront(t: Test, vendor: ElevenLabsSimulator): Promise<Front> {
  const handshakes: Front['handshakes'] = { names: [] }
  const sockets = new Set<Socket>()
  const server = createServer({ cert: CERTIFICATE, key: KEY }, (secure) => {
    handshakes.names.push(secure.servername ?? false)
    const plain = connectTcp(Number(new URL(vendor.restUrl).port), '127.0.0.1')
    for (const socket of [secure, plain]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
    }
    secure.pipe(plain).pipe(secure)
  })
  server.on('tlsClientError', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { authority: `localhost:${(server.address() as AddressInfo).port}`, handshakes }
}

t.test('an unknown certificate is refused; a known one carries the whole call', async (t) => {
  const vendor = await startElevenLabs({ apiKey: API_KEY })
  t.teardown(() => vendor.close())
  const { authority, handshakes } = await openFront(t, vendor)
  const start = (wsUrl?: string): ReturnType<typeof createWitness> => {
    const witness = createWitness()
    const conversation = createConversation(
      { logger: createLogger('silent'), clock: createClock() },
      {
        connection: {
          restUrl: `https://${authority}`,
          apiKey: API_KEY,
          ...(wsUrl === undefined ? {} : { wsUrl }),
        },
        agent: { agentId: AGENT_ID, dynamicVariables: {} },
        listener: witness.listener,
        lineCodec: () => 'PCMU',
        dtmf: 'off',
        frameMs: 20,
        tools: { callId: CALL_ID },
      },
    )
    t.teardown(() => conversation.close())
    conversation.prewarm()
    void witness
      .until('onPrewarmed', 500)
      .catch(() => undefined)
      .then(() => conversation.open())
    return witness
  }

  const distrusting = start(`wss://${authority}`)
  await distrusting.until('onClosed')
  t.match(distrusting.of('onClosed')[0]![0], { reason: 'refused', detail: /SELF_SIGNED_CERT/ })
  t.equal(vendor.connections.length, 0)

  setDefaultCACertificates([...getCACertificates('default'), CERTIFICATE])
  const trusting = start(`wss://${authority}`)
  await trusting.until('onAgentResponse')
  t.strictSame(handshakes.names, ['localhost', 'localhost'], 'one for REST, one for the socket')
  t.match(vendor.sessions, [{ signed: true, httpStatus: 101 }])
  await eventually('audio', () => trusting.audio().length > 0)

  const downgraded = start() // The simulator signs ws:// URLs, which would leave TLS.
  await downgraded.until('onClosed')
  t.match(downgraded.of('onClosed')[0]![0], { reason: 'refused', detail: /leave TLS/ })
  t.equal(vendor.sessions.length, 1)
})
