// Bytes of a stream to messages: every way of cutting it, every length header, linear time, and what loses the stream.
import t, { type Test } from 'tap'
import { MessageFramer } from '../../../../../gateway/embedded/transport/stream/message-framer.ts'

interface Heard {
  readonly messages: string[]
  readonly sizes: (string | undefined)[]
  readonly losses: string[]
  pings: number
}

function listen(maxMessageBytes = 32_768): { framer: MessageFramer; heard: Heard } {
  const heard: Heard = { messages: [], sizes: [], losses: [], pings: 0 }
  const sink = {
    onMessage(bytes: Buffer, size?: string) {
      heard.messages.push(bytes.toString('latin1'))
      heard.sizes.push(size)
    },
    onPing: () => (heard.pings += 1),
    onLost: (loss: string) => heard.losses.push(loss),
  }
  return { framer: new MessageFramer(sink, maxMessageBytes), heard }
}

const message = (headers: readonly string[], body = ''): string =>
  ['INVITE sip:a@example.test SIP/2.0', ...headers, '', body].join('\r\n')

const frame = (text: string, maxMessageBytes?: number): Heard => {
  const { framer, heard } = listen(maxMessageBytes)
  framer.push(Buffer.from(text, 'latin1'))
  return heard
}

t.test('the length of the body, as it may be written', async (t) => {
  const next = message(['l: 0'])
  for (const [what, headers, body] of [
    ['plain', ['Content-Length: 5'], 'hello'],
    ['any case', ['CONTENT-length:5'], 'hello'],
    ['compact', ['l: 5'], 'hello'],
    ['compact capital, blanks before the colon', ['L \t: 5 '], 'hello'],
    ['folded', ['Content-Length:\r\n  5'], 'hello'],
    ['among others', ['Contact: <sip:l: 9>', 'Line: 3', 'l: 5', 'Via: x'], 'hello'],
    ['of another header, folded', ['Subject: x', ' Content-Length: 9', 'l: 5'], 'hello'],
    ['leading zeros', ['Content-Length: 005'], 'hello'],
    ['none: there is no body', ['Via: x'], ''],
    ['zero', ['Content-Length: 0'], ''],
    ['a body that looks like a message', [`l: ${next.length}`], next],
    ['a body of line breaks', ['l: 8'], '\r\n\r\n\r\n\r\n'],
  ] as const) {
    const first = message(headers, body)
    const heard = frame(first + next)
    t.strictSame(heard.messages, [first, next], what)
    t.equal(heard.pings, 0)
  }
})

t.test('a length that cannot be read: the head is handed over, then nothing', async (t) => {
  for (const headers of [
    ['Content-Length: five'],
    ['Content-Length: -5'],
    ['Content-Length:'],
    ['Content-Length: 5, 5'],
    ['l: 5', 'Content-Length: 5'],
    ['l: 9999999999999'],
    ['l: 5\r6'],
  ]) {
    const head = message(headers)
    const heard = frame(`${head}hello${message([])}`)
    t.strictSame(heard.messages, [head], headers.join())
    t.strictSame(heard.sizes, [undefined])
    t.strictSame(heard.losses, ['content-length'])
  }
})

t.test('what is larger than the limit', async (t) => {
  const announced = message(['l: 300'])
  t.match(frame(announced, 200), {
    messages: [announced],
    sizes: ['too-large'],
    losses: ['message-too-large'],
  })
  const fits = message([`X: ${'x'.repeat(100)}`, 'l: 10'], '0123456789')
  t.match(frame(fits, fits.length), { messages: [fits], sizes: [undefined], losses: [] })
  t.match(frame(fits, fits.length - 1), { sizes: ['too-large'] })
  const head = message([`X: ${'x'.repeat(100)}`])
  t.match(frame(head, head.length), { messages: [head], losses: [] }, 'a head that just fits')
  t.match(frame(head, head.length - 1), { messages: [], losses: ['head-too-large'] })
  for (const step of [1, 7, 1000]) {
    const { framer, heard } = listen(500)
    const endless = Buffer.from(message([]).slice(0, -2) + 'X: y\r\n'.repeat(200))
    for (let at = 0; at < endless.length; at += step) framer.push(endless.subarray(at, at + step))
    t.match(heard, { messages: [], losses: ['head-too-large'] }, `in steps of ${step}`)
    t.equal(heard.losses.length, 1, 'told once')
  }
})

t.test('what is not SIP', async (t) => {
  const head = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'
  t.match(frame(head + head), { messages: [head], losses: ['not-sip'] })
  const newer = message([]).replace('SIP/2.0', 'SIP/7.0')
  t.match(frame(newer), { messages: [newer], losses: [] }, 'another version has its own answer')
})

t.test('line breaks between messages', async (t) => {
  const one = message(['l: 2'], 'ok')
  const heard = frame(`\r\n${one}\r\n${one}\r\n\n\r${one}\r\n`)
  t.strictSame(heard.messages, [one, one, one])
  t.equal(heard.pings, 0)
  t.equal(frame('\r\n\r\n').pings, 1)
  t.equal(frame('\r\n').pings, 0)
  t.equal(frame('\r\n\r\n'.repeat(1000)).pings, 1, 'one answer a chunk is enough')
  const { framer, heard: slow } = listen()
  for (const byte of `\r\n\r\n${one}\r\n\r\n`) framer.push(Buffer.from(byte))
  t.match(slow, { pings: 2, messages: [one] }, 'byte by byte')
})

t.test('the answer to our own ping is no half of a ping', async (t) => {
  const { framer, heard } = listen()
  for (let round = 0; round < 4; round += 1) {
    framer.expectPong()
    framer.push(Buffer.from('\r\n'))
  }
  t.equal(heard.pings, 0)
  framer.expectPong()
  framer.push(Buffer.from('\r\n\r\n'))
  t.equal(heard.pings, 1, 'but a whole ping is one, also while we wait')
})

t.test('the message under way is numbered', async (t) => {
  const { framer } = listen()
  t.equal(framer.incomplete, 0)
  framer.push(Buffer.from('\r\n'))
  t.equal(framer.incomplete, 0)
  framer.push(Buffer.from('INVITE'))
  t.equal(framer.incomplete, 1)
  framer.push(Buffer.from(message(['l: 3'], 'ab').slice(6)))
  t.equal(framer.incomplete, 1)
  framer.push(Buffer.from('cINV'))
  t.equal(framer.incomplete, 2, 'the next one')
  framer.stop()
  t.equal(framer.incomplete, 0)
})

t.test('1000 messages in one chunk; one message byte by byte; both in linear time', async (t) => {
  const one = message([`X: ${'x'.repeat(300)}`, 'l: 200'], 'b'.repeat(200))
  const many = Buffer.from(one.repeat(1000))
  const { framer, heard } = listen()
  framer.push(many)
  t.equal(heard.messages.length, 1000)
  t.ok(heard.messages.every((text) => text === one))
  const bytewise = listen()
  for (const byte of many.subarray(0, one.length * 100)) bytewise.framer.push(Buffer.of(byte))
  t.equal(bytewise.heard.messages.length, 100)
  const largest = (bytes: number): number => {
    const text = Buffer.from(message([`X: ${'x'.repeat(bytes)}`]))
    const { framer, heard } = listen(bytes + 1_000)
    const before = performance.now()
    for (const byte of text) framer.push(Buffer.of(byte))
    t.equal(heard.messages.length, 1)
    return performance.now() - before
  }
  largest(20_000)
  const [small, large] = [largest(50_000), largest(800_000)]
  // 16 times the bytes: quadratic would be 256 times the time.
  t.ok(large < Math.max(small, 5) * 80, `${small} ms, then ${large} ms`)
})

t.test('a stopped framer hands nothing over, not even the rest of the chunk', async (t) => {
  const seen: string[] = []
  const framer = new MessageFramer(
    {
      onMessage: (bytes) => {
        seen.push(bytes.toString())
        framer.stop()
      },
      onPing: () => undefined,
      onLost: () => t.fail('nothing was lost'),
    },
    32_768,
  )
  framer.push(Buffer.from(message([]) + message([])))
  framer.push(Buffer.from(message([])))
  t.equal(seen.length, 1)
})

t.test('a handed over message keeps nothing of its neighbours', async (t) => {
  const text = message(['l: 2'], 'ok').repeat(3)
  // Without the pool that small buffers share.
  const chunk = Buffer.alloc(text.length, text)
  const shared: boolean[] = []
  const framer = new MessageFramer(
    {
      onMessage: (bytes) => shared.push(bytes.buffer === chunk.buffer),
      onPing: () => undefined,
      onLost: () => undefined,
    },
    32_768,
  )
  framer.push(chunk)
  t.strictSame(shared, [false, false, false])
})

/** mulberry32. */
function seeded(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

function fuzz(t: Test, seed: number): void {
  const random = seeded(seed)
  const sent = Array.from({ length: 1 + random(12) }, () => {
    const body = Array.from({ length: random(120) }, () => '\r\n:lSIP/2.0 x'[random(12)]).join('')
    const headers = Array.from(
      { length: random(4) },
      () => `X-${random(9)}: ${'y'.repeat(random(50))}`,
    )
    const length = [
      `l: ${body.length}`,
      `Content-Length:\r\n ${body.length}`,
      `content-length : ${body.length}`,
    ]
    return message([...headers, length[random(3)] ?? ''], body)
  })
  const between = ['', '', '\r\n', '\n', '\r\n\r\n']
  const stream = Buffer.from(
    sent.map((text) => (between[random(between.length)] ?? '') + text).join(''),
    'latin1',
  )
  const { framer, heard } = listen()
  const longest = 1 + random(random(2) === 0 ? 5 : 500)
  for (let at = 0; at < stream.length;) {
    const to = at + 1 + random(longest)
    framer.push(stream.subarray(at, to))
    at = to
  }
  t.strictSame(heard.messages, sent, `seed ${seed}`)
  t.strictSame(heard.losses, [])
  t.equal(framer.incomplete, 0)
}

t.test('however the stream is cut, the messages are the same', async (t) => {
  for (let seed = 1; seed <= 300; seed += 1) fuzz(t, seed)
})

t.test('noise never throws, and holds no more than the limit', async (t) => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const random = seeded(seed)
    const { framer, heard } = listen(400)
    const pieces = [
      'INVITE a SIP/2.0',
      '\r\n',
      '\r\n\r\n',
      'l',
      ':',
      ' ',
      '9',
      'SIP/2.0 200 OK\r\n',
      '\0',
    ]
    for (let round = 0; round < 200; round += 1)
      framer.push(Buffer.from((pieces[random(pieces.length)] ?? '').repeat(1 + random(4))))
    t.ok(heard.messages.every((text) => text.length <= 400))
    t.ok(heard.losses.length <= 1)
  }
})
