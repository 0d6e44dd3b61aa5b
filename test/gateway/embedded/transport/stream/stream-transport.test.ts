// SIP over TCP: framing on real sockets, keep-alives, one connection for all, ways back, how a connection ends.
import t from 'tap'
import { answerCalls, dial, eventually, openStreamRig, request, sleep } from './stream-rig.ts'
import { reportFaultsTo } from '../../../../../gateway/embedded/fault-sink.ts'
import { freeTcpPort, startProgram } from '../../../../support/process.ts'

const OK = 'SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n'

t.test('an address in use, and one that is not ours', async (t) => {
  const rig = await openStreamRig(t)
  const { host, port } = rig.transport.local
  t.ok(port > 0)
  t.strictSame(rig.transport.advertised, { host, port })
  t.equal(rig.transport.isReliable, true)
  await t.rejects(openStreamRig(t, { port }), { code: 'EADDRINUSE' })
  await t.rejects(openStreamRig(t, { host: '192.0.2.1' }), { code: 'EADDRNOTAVAIL' })
  const named = await openStreamRig(t, { advertise: { host: '192.0.2.7', port: 0 } })
  t.strictSame(named.transport.advertised, { host: '192.0.2.7', port: named.transport.local.port })
  const moved = await openStreamRig(t, { advertise: { host: '192.0.2.7', port: 5070 } })
  t.strictSame(moved.transport.advertised, { host: '192.0.2.7', port: 5070 })
})

t.test('a message byte by byte, and 1000 in one write', async (t) => {
  const rig = await openStreamRig(t, { answer: () => OK })
  const line = await dial(t, rig.transport.local)
  const slow = request('v=0\r\n')
  for (const byte of slow) {
    line.socket.write(byte)
    await new Promise(setImmediate)
  }
  await eventually('the message', 3_000, () => rig.messages.length === 1)
  t.equal(rig.messages[0]?.text, slow)
  t.match(rig.messages[0]?.from, { address: '127.0.0.1', port: line.socket.localPort })
  const many = Array.from({ length: 1000 }, () => request('v=0\r\n'))
  line.socket.write(many.join(''))
  await eventually('all of them', 5_000, () => rig.messages.length === 1001)
  t.strictSame(
    rig.messages.slice(1).map(({ text }) => text),
    many,
  )
  await eventually('their answers', 5_000, () => line.text.length === 1001 * OK.length)
  t.equal(rig.transport.connectionCount, 1)
})

t.test('a ping is answered; ours keep a connection that we opened alive', async (t) => {
  const rig = await openStreamRig(t, { timers: { keepAliveMs: 60, idleMs: 700 } })
  const line = await dial(t, rig.transport.local)
  line.socket.write('\r\n\r\n')
  await line.waitFor('\r\n')
  await sleep(150)
  t.equal(line.text, '\r\n', 'one CRLF, and no pings on a connection of theirs')
  const server = await answerCalls(t)
  rig.transport.send(Buffer.from(request()), server.peer)
  await eventually('the connection', 3_000, () => server.lines.length === 1)
  const accepted = server.lines[0]!
  const chunks: string[] = []
  let answering = true
  accepted.socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk.toString())
    if (answering) accepted.socket.write('\r\n')
  })
  await eventually('more pings than fit into idleMs', 5_000, () => chunks.length > 14)
  answering = false
  t.match(accepted.text, /^OPTIONS [^]*\r\n\r\n(?:\r\n\r\n)+$/)
  t.notOk(chunks.includes('\r\n'), 'and no answer to an answer')
  await accepted.waitForClose(2_000)
  await line.waitForClose(2_000)
  t.equal(rig.transport.connectionCount, 0, 'nothing came for idleMs: closed')
})

t.test('100 requests go over one connection, and answers come back over it', async (t) => {
  const rig = await openStreamRig(t)
  const server = await answerCalls(t)
  const sent = Array.from({ length: 100 }, () => request())
  for (const [index, text] of sent.entries()) {
    rig.transport.send(Buffer.from(text), server.peer, rig.onFailed)
    if (index % 10 === 0) await sleep(1)
  }
  await eventually(
    'all of them',
    3_000,
    () => server.lines[0]?.text.length === sent.join('').length,
  )
  t.equal(server.lines[0]?.text, sent.join(''), 'in order')
  t.equal(server.lines.length, 1)
  t.equal(rig.transport.connectionCount, 1)
  t.equal(server.lines[0]?.socket.remoteAddress, rig.transport.local.host, 'from our address')
  server.lines[0]?.socket.write(OK)
  await eventually('the answer', 3_000, () => rig.messages.length === 1)
  t.match(rig.messages[0], { text: OK, from: server.peer })
  t.strictSame(rig.failures, [])
})

t.test('what goes to the address of an inbound connection goes over it', async (t) => {
  const rig = await openStreamRig(t)
  const line = await dial(t, rig.transport.local)
  line.socket.write(request())
  await eventually('the request', 3_000, () => rig.messages.length === 1)
  const { from } = rig.messages[0]!
  rig.transport.reply(Buffer.from(OK), from, 5060)
  const bye = request()
  rig.transport.send(Buffer.from(bye), from)
  await line.waitFor(bye)
  t.equal(line.text, OK + bye)
  t.equal(rig.transport.connectionCount, 1)
})

t.test('an answer whose connection broke goes to the port of the Via', async (t) => {
  const rig = await openStreamRig(t)
  const server = await answerCalls(t)
  const line = await dial(t, rig.transport.local)
  line.socket.write(request())
  await eventually('the request', 3_000, () => rig.messages.length === 1)
  line.socket.destroy()
  await eventually('its end', 3_000, () => rig.transport.connectionCount === 0)
  rig.transport.reply(Buffer.from(OK), rig.messages[0]!.from, server.peer.port)
  await eventually('the connection', 3_000, () => server.lines.length === 1)
  await server.lines[0]!.waitFor(OK)
  // Nobody is at 5060 of this address: no more than an error that is told.
  rig.transport.reply(Buffer.from(OK), { address: '127.0.0.93', port: 9 }, undefined)
  await eventually('the refusal', 3_000, () => rig.errors.length === 1)
  t.match(rig.errors[0], { code: 'ECONNREFUSED', port: 5060 })
})

t.test('failures have a reason, are told later, and once', async (t) => {
  const rig = await openStreamRig(t, { timers: { connectMs: 200 } })
  const { transport, failures, onFailed } = rig
  const closedPort = { address: '127.0.0.1', port: await freeTcpPort() }
  for (let copy = 0; copy < 3; copy += 1)
    transport.send(Buffer.from(request()), closedPort, onFailed)
  t.strictSame(failures, [], 'not from within')
  await eventually('the refusals', 3_000, () => failures.length === 3)
  t.strictSame(failures.splice(0), Array(3).fill('Connection Refused'), 'all that waited for it')
  for (const nowhere of [
    { address: '', port: 5060 },
    { address: 'a.test', port: 5060 },
    { address: '::1', port: 5060 },
    { address: '127.0.0.1', port: 0 },
    { address: '127.0.0.1', port: 99_999 },
    // From a loopback address nothing leaves the machine.
    { address: '192.0.2.1', port: 5060 },
  ]) {
    transport.send(Buffer.from(request()), nowhere, onFailed)
    t.strictSame(failures, [], 'not from within')
    await eventually(`the refusal of ${nowhere.address}`, 3_000, () => failures.length > 0)
    t.match(failures.splice(0), ['Network Unreachable'])
  }
  await sleep(50)
  t.strictSame(failures, [])
  t.equal(transport.connectionCount, 0)
  t.equal(await transport.isRefused(closedPort), false)
})

/** Listens with a short queue, and then takes nobody from it. */
const DEAF_SERVER = `
const server = require('node:net').createServer().listen({ host: '127.0.0.1', port: 0, backlog: 1 })
server.on('listening', () => console.log(server.address().port))
`

t.test('a connection that does not come to stand is given up', async (t) => {
  const deaf = startProgram(t, [process.execPath, '-e', DEAF_SERVER])
  const port = await eventually('its port', 5_000, () => Number(deaf.stdout) || undefined)
  deaf.signal('SIGSTOP')
  const to = { host: '127.0.0.1', port }
  // The system itself accepts two for the queue.
  await Promise.all([dial(t, to), dial(t, to)])
  const rig = await openStreamRig(t, { timers: { connectMs: 200 } })
  const before = performance.now()
  const peer = { address: '127.0.0.1', port }
  for (let copy = 0; copy < 2; copy += 1)
    rig.transport.send(Buffer.from(request()), peer, rig.onFailed)
  t.equal(rig.transport.connectionCount, 1)
  await eventually('the deadline', 3_000, () => rig.failures.length === 2)
  t.ok(performance.now() - before >= 190)
  t.strictSame(rig.failures, Array(2).fill('Connection Timed Out'))
  t.equal(rig.transport.connectionCount, 0)
})

t.test('a connection that breaks later fails what was sent within a transaction', async (t) => {
  // A transaction lasts 64·T1.
  const rig = await openStreamRig(t, { timers: { t1Ms: 5 } })
  const server = await answerCalls(t)
  rig.transport.send(Buffer.from(request()), server.peer, () => rig.onFailed('old'))
  await eventually('the connection', 3_000, () => server.lines.length === 1)
  await sleep(2 * 64 * 5 + 150)
  const recent = request()
  rig.transport.send(Buffer.from(recent), server.peer, rig.onFailed)
  await server.lines[0]!.waitFor(recent)
  server.lines[0]!.socket.resetAndDestroy()
  await eventually('word of it', 3_000, () => rig.failures.length > 0)
  await sleep(50)
  t.strictSame(rig.failures, ['Connection Closed'], 'who has long got an answer hears nothing')
  t.equal(rig.transport.connectionCount, 0)
  rig.transport.send(Buffer.from(request()), server.peer, rig.onFailed)
  await eventually('a new connection', 3_000, () => server.lines.length === 2)
})

t.test('a connection that the other side ended is not used again', async (t) => {
  const rig = await openStreamRig(t)
  const server = await answerCalls(t)
  rig.transport.send(Buffer.from(request()), server.peer, rig.onFailed)
  await eventually('the connection', 3_000, () => server.lines.length === 1)
  server.lines[0]!.socket.end()
  await eventually('word of it', 3_000, () => rig.failures.length === 1)
  const next = request()
  rig.transport.send(Buffer.from(next), server.peer)
  await eventually('a new connection', 3_000, () => server.lines[1]?.text === next)
})

t.test('the stream is lost: the head is answered, then the connection closes', async (t) => {
  const rig = await openStreamRig(t, {
    limits: { maxMessageBytes: 400 },
    answer: () => 'SIP/2.0 400 Bad\r\n\r\n',
  })
  for (const [size, text] of [
    [undefined, request().replace('Content-Length: 0', 'Content-Length: x')],
    ['too-large', request().replace('Content-Length: 0', 'Content-Length: 1000')],
    [undefined, 'GET / HTTP/1.1\r\n\r\n'],
  ] as const) {
    const line = await dial(t, rig.transport.local)
    // What is behind it stays unread; the answer must survive that.
    line.socket.write(text + 'x'.repeat(500_000))
    await line.waitForClose()
    t.strictSame(line.errors, [], 'not torn down')
    t.equal(line.text, 'SIP/2.0 400 Bad\r\n\r\n')
    t.match(rig.messages.splice(0), [{ text, size }])
  }
  t.strictSame([...rig.dropped], [], 'the layer above counts what it was handed')
  await eventually('their end', 3_000, () => rig.transport.connectionCount === 0)
  const endless = await dial(t, rig.transport.local)
  endless.socket.write('OPTIONS sip:a SIP/2.0\r\n' + 'X: y\r\n'.repeat(100))
  await endless.waitForClose()
  t.strictSame(rig.messages, [])
  t.strictSame([...rig.dropped], [['head-too-large', 1]])
})

t.test('a defect in what is told loses nothing else', async (t) => {
  const faults: unknown[] = []
  reportFaultsTo((error) => faults.push(error))
  const answer = (bytes: Buffer): string => {
    if (bytes.includes('Fault')) throw new Error('planted')
    return OK
  }
  const rig = await openStreamRig(t, { answer })
  const line = await dial(t, rig.transport.local)
  line.socket.write(request('', ['Fault: 1']) + request() + request('', ['Fault: 2']) + request())
  await line.waitFor(OK + OK)
  t.equal(rig.messages.length, 4)
  const closedPort = { address: '127.0.0.1', port: await freeTcpPort() }
  for (const onFailed of [
    () => {
      throw new Error('planted')
    },
    rig.onFailed,
  ])
    rig.transport.send(Buffer.from(request()), closedPort, onFailed)
  await eventually('the refusal', 3_000, () => rig.failures.length === 1)
  t.match(faults, Array(3).fill({ message: 'planted' }))
})

t.test('over IPv6', async (t) => {
  const rig = await openStreamRig(t, { host: '::1', answer: () => OK })
  t.equal(rig.transport.family, 6)
  t.equal(rig.transport.local.host, '::1')
  const line = await dial(t, rig.transport.local)
  line.socket.write(request())
  await line.waitFor(OK)
  t.equal(rig.messages[0]?.from.address, '::1')
  const server = await answerCalls(t, '::1')
  for (const address of ['::1', '0:0:0:0:0:0:0:1'])
    rig.transport.send(Buffer.from(request()), { ...server.peer, address })
  await eventually('both', 3_000, () => server.lines[0]?.text.match(/OPTIONS/g)?.length === 2)
  t.equal(server.lines.length, 1, 'one address, however it is written')
  rig.transport.send(Buffer.from(request()), { address: '127.0.0.1', port: 5060 }, rig.onFailed)
  await eventually('the other family', 3_000, () => rig.failures.length === 1)
})

t.test('close ends everything, also what has not come to stand, and tells nobody', async (t) => {
  const rig = await openStreamRig(t)
  const server = await answerCalls(t)
  const lines = await Promise.all(Array.from({ length: 5 }, () => dial(t, rig.transport.local)))
  rig.transport.send(Buffer.from(request()), server.peer, rig.onFailed)
  await eventually(
    'all',
    3_000,
    () => server.lines.length === 1 && rig.transport.connectionCount === 6,
  )
  const connecting = await answerCalls(t)
  rig.transport.send(Buffer.from(request()), connecting.peer, rig.onFailed)
  const closed = rig.transport.close()
  t.equal(rig.transport.close(), closed, 'once')
  await closed
  t.equal(rig.transport.connectionCount, 0)
  await Promise.all([...lines, ...server.lines].map((line) => line.waitForClose()))
  rig.transport.send(Buffer.from(request()), server.peer, rig.onFailed)
  rig.transport.reply(Buffer.from(OK), server.peer, undefined)
  await sleep(50)
  t.strictSame(rig.failures, [])
  t.equal(server.lines.length, 1)
  t.strictSame(rig.errors, [])
  const { host, port } = rig.transport.local
  const again = await openStreamRig(t, { host, port })
  t.equal(again.transport.local.port, port, 'the address is free again')
})
