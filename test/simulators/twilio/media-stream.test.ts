// Media Streams: what the simulator sends, how it plays what it gets, and what it does not stand for.
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { toneUlaw } from '../../../simulators/speech/index.ts'
import type {
  SimulatedCall,
  StreamRecord,
  TwilioOptions,
} from '../../../simulators/twilio/index.ts'
import { officialClient, openVoiceApp, twiml, type AppStream, type VoiceApp } from './voice-app.ts'

interface Streaming {
  readonly app: VoiceApp
  readonly call: SimulatedCall
  readonly stream: StreamRecord
  readonly far: AppStream
  readonly send: (message: Record<string, unknown>) => void
  readonly sendAudio: (ulaw: Buffer) => void
}

const streamTwiml = (url: string): string =>
  twiml(
    `<Connect action="/after"><Stream url="${url.replace('http', 'ws')}/stream" name="s1" statusCallback="/ss">` +
      '<Parameter name="token" value="ein &amp; zwei"/></Stream></Connect>',
  )

async function openStream(t: Test, options: TwilioOptions = {}): Promise<Streaming> {
  const app: VoiceApp = await openVoiceApp(
    t,
    {
      '/voice': () => streamTwiml(app.url),
      '/after': twiml('<Say>After the stream</Say>'),
      '/ss': { status: 204 },
    },
    options,
  )
  const call = app.twilio.callIn({ voiceUrl: `${app.url}/voice` })
  const stream = await call.waitForStream()
  const far = app.streams[0]
  if (far === undefined) throw new Error('there is no stream')
  const send = (message: Record<string, unknown>): void => far.socket.send(JSON.stringify(message))
  const sendAudio = (ulaw: Buffer): void => {
    const media = { payload: ulaw.toString('base64') }
    send({ event: 'media', streamSid: stream.sid, media })
  }
  return { app, call, stream, far, send, sendAudio }
}

const eventsOf = ({ messages }: AppStream): unknown[] =>
  messages.map(({ event }) => event).filter((event) => event !== 'media')

t.test('connected, start, media every 20 ms, dtmf, stop: as the vendor writes them', async (t) => {
  const { app, call, stream, far } = await openStream(t)
  const spoken = toneUlaw(400, 60)
  await sleep(100)
  await call.say(spoken)
  await call.press('5')
  await sleep(60)
  call.hangUp()
  await call.waitForEnd()
  t.equal(await far.closed, 1000)
  t.ok(far.isSigned, 'the upgrade is signed with the ws URL')
  t.same(far.messages[0], { event: 'connected', protocol: 'Call', version: '1.0.0' })
  t.same(far.messages[1], {
    event: 'start',
    sequenceNumber: '1',
    streamSid: stream.sid,
    start: {
      accountSid: app.twilio.accountSid,
      streamSid: stream.sid,
      callSid: call.sid,
      tracks: ['inbound'],
      mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
      customParameters: { token: 'ein & zwei' },
    },
  })
  const numbered = far.messages.slice(1)
  t.same(
    numbered.map(({ sequenceNumber }) => sequenceNumber),
    numbered.map((_each, index) => String(index + 1)),
    'sequence numbers are text and have no gap',
  )
  const media = far.messages.flatMap((message) =>
    message['event'] === 'media' ? [message['media'] as Record<string, string>] : [],
  )
  t.same(
    media.map(({ chunk }) => chunk),
    media.map((_each, index) => String(index + 1)),
  )
  t.match(media[0], { track: 'inbound', chunk: '1', timestamp: '20' })
  t.ok(media.every(({ payload }) => payload?.length === 216))
  const sound = Buffer.concat(media.map(({ payload = '' }) => Buffer.from(payload, 'base64')))
  t.ok(sound.includes(spoken), 'what was said is there, byte for byte')
  t.match(
    far.messages.find(({ event }) => event === 'dtmf'),
    { streamSid: stream.sid, dtmf: { track: 'inbound_track', digit: '5' } },
  )
  t.match(far.messages.at(-1), {
    event: 'stop',
    streamSid: stream.sid,
    stop: { accountSid: app.twilio.accountSid, callSid: call.sid },
  })
  t.same(
    app.of('/ss').map(({ params }) => [params['StreamEvent'], params['StreamName']]),
    [
      ['stream-started', 's1'],
      ['stream-stopped', 's1'],
    ],
  )
  t.equal(app.of('/after').length, 0, 'the caller is gone: nothing more runs')
  t.same(call.alerts, [])
})

t.test(
  'audio is played in real time, however fast it comes; marks come back when it was',
  async (t) => {
    const { call, stream, far, send, sendAudio } = await openStream(t)
    const sound = toneUlaw(600, 300)
    const beganAt = performance.now()
    for (let at = 0; at < sound.length; at += 333) sendAudio(sound.subarray(at, at + 333))
    send({ event: 'mark', streamSid: stream.sid, mark: { name: 'said' } })
    while (!eventsOf(far).includes('mark')) await sleep(5)
    const tookMs = performance.now() - beganAt
    t.ok(tookMs > 270 && tookMs < 600, `the mark came after ${tookMs} ms`)
    t.ok(stream.heardAudio.includes(sound), 'heard byte for byte, without a gap')
    send({ event: 'mark', streamSid: stream.sid, mark: { name: 'nothing is queued' } })
    const askedAt = performance.now()
    while (eventsOf(far).filter((event) => event === 'mark').length < 2) await sleep(1)
    t.ok(performance.now() - askedAt < 250, 'at once')
    far.socket.close(1000)
    await call.waitForEnd()
    t.same(call.alerts, [])
    t.match(
      call.heard.map(({ text }) => text),
      ['After the stream'],
      'our close lets the TwiML go on',
    )
    t.equal(stream.closedBy, 'server')
  },
)

t.test('clear throws away what was not played, and every mark in it comes back', async (t) => {
  const { call, stream, far, send, sendAudio } = await openStream(t)
  sendAudio(toneUlaw(500, 2000))
  send({ event: 'mark', streamSid: stream.sid, mark: { name: 'one' } })
  sendAudio(toneUlaw(500, 1000))
  send({ event: 'mark', streamSid: stream.sid, mark: { name: 'two' } })
  await sleep(100)
  send({ event: 'clear', streamSid: stream.sid })
  while (eventsOf(far).filter((event) => event === 'mark').length < 2) await sleep(2)
  t.match(stream.marks, [
    { name: 'one', cleared: true },
    { name: 'two', cleared: true },
  ])
  t.equal(stream.clears.length, 1)
  const droppedMs = stream.clears[0]?.droppedMs ?? 0
  t.ok(droppedMs > 2500 && droppedMs < 3000, `${droppedMs} ms were dropped`)
  t.equal(stream.bufferedMs, 0)
  call.hangUp()
  await call.waitForEnd()
  t.same(call.alerts, [])
})

const WRONG: readonly [name: string, message: (sid: string) => string | Buffer, code: number][] = [
  ['no JSON', () => 'hello', 31951],
  ['an unknown event', (streamSid) => JSON.stringify({ event: 'stop', streamSid }), 31951],
  ['no streamSid', () => JSON.stringify({ event: 'clear' }), 31951],
  ['another streamSid', () => JSON.stringify({ event: 'clear', streamSid: 'MZ0' }), 31951],
  [
    'no base64',
    (streamSid) => JSON.stringify({ event: 'media', streamSid, media: { payload: 'ä' } }),
    31951,
  ],
  [
    'a WAV header',
    (streamSid) =>
      JSON.stringify({
        event: 'media',
        streamSid,
        media: { payload: Buffer.from('RIFFabcd').toString('base64') },
      }),
    31951,
  ],
  ['a binary message', () => Buffer.from([1, 2, 3]), 31924],
]

t.test('what has no place there is an alert, and the end of the stream', async (t) => {
  for (const [name, message, code] of WRONG) {
    const { call, stream, far } = await openStream(t)
    far.socket.send(message(stream.sid))
    await call.waitForEnd()
    t.match(call.alerts, [{ code }], name)
    t.equal(stream.closedBy, 'simulator')
  }
})

t.test('a stream that cannot be: refused, with a query, not wss, nobody there', async (t) => {
  const say = '<Say>On it goes</Say>'
  const streamTo = (url: string): string => twiml(`<Connect><Stream url="${url}"/></Connect>${say}`)
  const app: VoiceApp = await openVoiceApp(t, {
    '/refused': () => streamTo(`${app.url.replace('http', 'ws')}/voice`),
    '/query': () => streamTo(`${app.url.replace('http', 'ws')}/stream?token=1`),
    '/plain': streamTo('ws://voice.example/stream'),
    '/nobody': streamTo('ws://127.0.0.1:1/stream'),
    '/voice': '',
  })
  const expected = [
    ['/refused', 31920],
    ['/query', 31920],
    ['/plain', 31920],
    ['/nobody', 31901],
  ] as const
  for (const [path, code] of expected) {
    const call = app.twilio.callIn({ voiceUrl: app.url + path })
    await call.waitForEnd()
    t.match(call.alerts, [{ code }], path)
    t.match(call.heard, [{ text: 'On it goes' }])
  }
  t.equal(app.twilio.calls[0]?.streams[0]?.refusedWith, 403)
})

t.test('a connection that is lost: ours is an alert, its own is none', async (t) => {
  const ours = await openStream(t)
  ours.far.socket.terminate()
  await ours.call.waitForEnd()
  t.match(ours.call.alerts, [{ code: 31921 }])
  t.equal(ours.stream.closedBy, 'lost')
  const dropped = await openStream(t)
  dropped.call.dropStream()
  t.equal(await dropped.far.closed, 1006)
  await dropped.call.waitForEnd()
  t.notOk(eventsOf(dropped.far).includes('stop'))
  t.equal(dropped.app.of('/after').length, 1, 'the TwiML goes on')
  t.same(dropped.call.alerts, [])
  const vanished = await openStream(t)
  vanished.call.vanish()
  t.equal(await vanished.far.closed, 1006)
  await vanished.call.waitForEnd()
  t.equal(vanished.app.of('/after').length, 0)
})

t.test('other TwiML by REST ends the stream and goes on', async (t) => {
  const { app, call, far, stream } = await openStream(t)
  await officialClient(app.twilio)
    .calls(call.sid)
    .update({ twiml: twiml('<Say>Elsewhere</Say>') })
  await call.waitForEnd()
  t.same(eventsOf(far), ['connected', 'start', 'stop'])
  t.equal(stream.closedBy, 'simulator')
  t.match(call.heard, [{ text: 'Elsewhere' }])
  t.equal(app.of('/after').length, 0)
  t.same(call.alerts, [])
})

t.test('a one-way stream lets us hear and not speak', async (t) => {
  const app: VoiceApp = await openVoiceApp(t, {
    '/voice': () =>
      twiml(
        `<Start><Stream url="${app.url.replace('http', 'ws')}/stream"/></Start><Pause length="60"/>`,
      ),
  })
  const call = app.twilio.callIn({ voiceUrl: `${app.url}/voice` })
  const stream = await call.waitForStream()
  app.streams[0]?.socket.send(JSON.stringify({ event: 'clear', streamSid: stream.sid }))
  await call.waitFor(({ type }) => type === 'stream.ended')
  t.match(call.alerts, [{ code: 31924 }])
  call.hangUp()
  await call.waitForEnd()
})

t.test('what is said while it is connected can be a script', async (t) => {
  const app: VoiceApp = await openVoiceApp(t, { '/voice': () => streamTwiml(app.url) })
  const greeting = toneUlaw(700, 200)
  const call = app.twilio.callIn({
    voiceUrl: `${app.url}/voice`,
    script: {
      talk: [
        { hearUntilQuiet: 100 },
        { say: toneUlaw(900, 100) },
        { press: '1' },
        { wait: 20 },
        { hangUp: true },
      ],
    },
  })
  const stream = await call.waitForStream()
  const media = { payload: greeting.toString('base64') }
  app.streams[0]?.socket.send(JSON.stringify({ event: 'media', streamSid: stream.sid, media }))
  await call.waitForEnd()
  t.same(eventsOf(app.streams[0]!), ['connected', 'start', 'dtmf', 'stop'])
})
