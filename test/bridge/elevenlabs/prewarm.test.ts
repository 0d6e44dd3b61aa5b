// While the phone rings: a connection and a signed URL, but no upgrade request; then the very same connection is used.
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as sleepFor } from 'node:timers/promises'
import t from 'tap'
import { createLogger } from '#core/telemetry'
import { createPreparation } from '../../../bridge/elevenlabs/prewarm.ts'
import { startElevenLabs } from '../../../simulators/elevenlabs/index.ts'
import { AGENT_ID, API_KEY, eventually, setStage } from './support.ts'

const WITH_KEY = { vendor: { apiKey: API_KEY } }

t.test('no upgrade while ringing; the upgrade then leaves on the warmed connection', async (t) => {
  const { vendor, conversation, witness, requests } = await setStage(t, {}, WITH_KEY)
  conversation.prewarm()
  conversation.prewarm()
  await witness.until('onPrewarmed')
  await sleepFor(300)
  t.equal(vendor.sessions.length, 0, 'no upgrade request')
  t.equal(vendor.signedUrlRequests.length, 1, 'one signed URL')
  const warmed = vendor.connections.filter(({ requests }) => requests === 0)
  t.equal(warmed.length, 1, 'one connection that asked nothing')
  t.notOk(warmed[0]!.upgraded)
  const connections = vendor.connections.length

  conversation.open()
  await witness.until('onMetadata')
  t.equal(vendor.connections.length, connections, 'no new connection')
  t.ok(warmed[0]!.upgraded, 'the warmed one was upgraded')
  const [session] = vendor.sessions
  t.ok(session!.signed)
  t.equal(session!.connectionAt, warmed[0]!.at)
  t.ok(session!.upgradeAt - session!.connectionAt >= 300)
  t.equal(vendor.signedUrlRequests.length, 1, 'and no second signed URL')
  t.strictSame(requests, ['signed_url ok', 'agent_socket ok'])
  t.strictSame(witness.names().slice(0, 4), [
    'onPrewarmed',
    'onAttempted',
    'onOpened',
    'onMetadata',
  ])
})

t.test('open without prewarm fetches and connects by itself', async (t) => {
  const { vendor, conversation, witness } = await setStage(t, {}, WITH_KEY)
  conversation.open()
  await witness.until('onMetadata')
  t.equal(vendor.signedUrlRequests.length, 1)
  t.equal(vendor.connections.filter(({ upgraded }) => upgraded).length, 1)
  t.notOk(witness.names().includes('onPrewarmed'))
})

t.test('open while the prewarm is under way shares its work', async (t) => {
  const { vendor, conversation, witness } = await setStage(t, {}, WITH_KEY)
  conversation.prewarm()
  conversation.open()
  await witness.until('onMetadata')
  t.equal(vendor.signedUrlRequests.length, 1)
  t.equal(vendor.connections.length, 2, 'one for REST, one for the socket')
})

t.test('an unused warm connection is closed with the conversation', async (t) => {
  const { vendor, conversation, witness } = await setStage(t)
  conversation.prewarm()
  await witness.until('onPrewarmed')
  t.equal(vendor.connections.length, 1)
  conversation.close()
  await eventually('the connection to be closed', () => vendor.connections[0]!.closedAt !== null)
  t.equal(vendor.sessions.length, 0)
  t.equal(witness.of('onClosed').length, 0)
})

t.test('a 429 is told at once, whether it is for the signed URL or the socket', async (t) => {
  const ringing = await setStage(t, { signedUrlFailures: [429] }, WITH_KEY)
  ringing.conversation.prewarm()
  await ringing.witness.until('onPrewarmed')
  t.strictSame(ringing.witness.of('onBusy'), [['signed-url']])
  t.ok(ringing.witness.names().indexOf('onBusy') < ringing.witness.names().indexOf('onPrewarmed'))

  const refuse = { how: 'http', status: 429 } as const
  const answered = await setStage(t, { refuse, failFirst: 1 }, WITH_KEY)
  answered.conversation.open()
  await answered.witness.until('onMetadata', 5000)
  t.strictSame(answered.witness.of('onBusy'), [['socket']])
  t.match(answered.witness.of('onAttemptFailed'), [[{ detail: /429/ }]])

  const broken = await setStage(t, { signedUrlFailures: [503] }, WITH_KEY)
  broken.conversation.prewarm()
  await broken.witness.until('onPrewarmed')
  t.strictSame(broken.witness.of('onBusy'), [])
})

t.test('a signed URL is asked for a second time after 429 and 5xx, once', async (t) => {
  for (const status of [429, 500, 503]) {
    const { vendor, conversation, witness } = await setStage(
      t,
      { signedUrlFailures: [status] },
      WITH_KEY,
    )
    conversation.open()
    await witness.until('onMetadata')
    t.strictSame(
      vendor.signedUrlRequests.map((request) => request.status),
      [status, 200],
    )
  }
  const { vendor, conversation, witness } = await setStage(
    t,
    { signedUrlFailures: [503, 503] },
    WITH_KEY,
  )
  conversation.open()
  await witness.until('onClosed')
  t.equal(vendor.signedUrlRequests.length, 2)
  t.match(witness.of('onClosed')[0], [{ reason: 'refused', detail: /HTTP 503/ }])
})

t.test('401 and 404 are not tried again', async (t) => {
  for (const status of [401, 404]) {
    const { vendor, conversation, witness, requests } = await setStage(
      t,
      { signedUrlFailures: [status] },
      WITH_KEY,
    )
    conversation.open()
    await witness.until('onClosed')
    t.equal(vendor.signedUrlRequests.length, 1)
    t.match(witness.of('onClosed')[0]![0], { reason: 'refused', detail: RegExp(`HTTP ${status}`) })
    t.strictSame(requests, ['signed_url failed'])
  }
})

t.test('a failed prewarm costs nothing: opening starts over', async (t) => {
  const { vendor, conversation, witness } = await setStage(
    t,
    { signedUrlFailures: [403] },
    WITH_KEY,
  )
  conversation.prewarm()
  await eventually('the failure', () => vendor.signedUrlRequests.length === 1)
  await sleepFor(50)
  conversation.open()
  await witness.until('onMetadata')
  t.notOk(witness.names().includes('onPrewarmed'))
})

t.test('a warm connection that the vendor closed is replaced', async (t) => {
  const sockets: Socket[] = []
  const server = createTcpServer((socket) => void sockets.push(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  const { port } = server.address() as AddressInfo
  const preparation = createPreparation(createLogger('silent'), {
    connection: { restUrl: `http://127.0.0.1:${port}` },
    agentId: AGENT_ID,
    onSignedUrlRequest: () => undefined,
  })
  t.teardown(() => {
    preparation.close()
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  await preparation.warm()
  await eventually('the connection', () => sockets.length === 1)
  sockets[0]!.end()
  await eventually('a fresh connection', () => sockets.length === 2)
  const prepared = await preparation.take()
  t.notOk(prepared.socket.destroyed)
  t.equal(prepared.socket.localPort, sockets[1]!.remotePort)
  await sleepFor(1200)
  t.equal(sockets.length, 2, 'once taken, no further one is warmed')
  prepared.socket.destroy()
})

t.test('while it rings, one fresh connection at a time and a fresh signed URL', async (t) => {
  const { vendor } = await setStage(t, {}, WITH_KEY)
  const preparation = createPreparation(createLogger('silent'), {
    connection: { restUrl: vendor.restUrl, apiKey: API_KEY },
    agentId: AGENT_ID,
    onSignedUrlRequest: () => undefined,
    freshness: { connectionMs: 1500, renewMs: 500, signedUrlMs: 700 },
  })
  t.teardown(() => preparation.close())
  const warmOnes = (): typeof vendor.connections =>
    vendor.connections.filter(({ requests }) => requests === 0)
  await preparation.warm()
  await eventually('a renewal', () => warmOnes().length === 2)
  await eventually('the first to be gone', () => warmOnes()[0]!.closedAt !== null)
  t.equal(warmOnes().filter(({ closedAt }) => closedAt === null).length, 1)
  await eventually('a fresh signed URL', () => vendor.signedUrlRequests.length === 2)
  preparation.close()
  await eventually('none left', () => warmOnes().every(({ closedAt }) => closedAt !== null))
  await sleepFor(1200)
  t.equal(warmOnes().length, 2, 'no renewal after the close')
})

t.test('a connection too old to be trusted is not used', async (t) => {
  const { vendor } = await setStage(t)
  const preparation = createPreparation(createLogger('silent'), {
    connection: { restUrl: vendor.restUrl },
    agentId: AGENT_ID,
    onSignedUrlRequest: () => undefined,
    freshness: { connectionMs: 50, renewMs: 60_000, signedUrlMs: 60_000 },
  })
  t.teardown(() => preparation.close())
  await preparation.warm()
  await sleepFor(100)
  const { socket } = await preparation.take()
  t.equal(vendor.connections.length, 2)
  socket.destroy()
})

t.test('a wsUrl of the configuration replaces the host of a signed URL', async (t) => {
  const elsewhere = await startElevenLabs()
  t.teardown(() => elsewhere.close())
  const { vendor, conversation, witness } = await setStage(
    t,
    {},
    { ...WITH_KEY, wsUrl: elsewhere.wsUrl },
  )
  conversation.open()
  await witness.until('onClosed')
  t.equal(vendor.sessions.length, 0)
  t.match(elsewhere.sessions, [{ signed: true, httpStatus: 401 }], 'unknown signature there')
})

t.test('an answer that is no signed URL is refused in our own words', async (t) => {
  const { createServer } = await import('node:http')
  const bodies = ['not json', '{}', '{"signed_url":"https://example.com/"}', '{"signed_url":7}']
  const server = createServer((_request, response) => void response.end(bodies.shift()))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const count = bodies.length
  for (let index = 0; index < count; index += 1) {
    const preparation = createPreparation(createLogger('silent'), {
      connection: { restUrl: `http://127.0.0.1:${port}`, apiKey: API_KEY },
      agentId: AGENT_ID,
      onSignedUrlRequest: () => undefined,
    })
    await t.rejects(preparation.take(), { code: 'AGENT_UNREACHABLE', message: /signed.URL/i })
    preparation.close()
  }
})
