// REGISTER over real sockets, at registrars that SIPp plays: it sees every message, and checks the credentials itself.
import t from 'tap'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { Test } from 'tap'
import { eventually } from '../../support/process.ts'
import { runSipp, sippOptions, succeeds, type Sipp, type SippMessage } from '../../support/sipp.ts'
import { openSipStage, PASSWORD, USER } from './sip-stage.ts'

/** What SIPp received, without repetitions: T1 is short here. */
function received(sipp: Sipp): SippMessage[] {
  const all = sipp.messages().filter(({ direction }) => direction === 'received')
  return [...new Map(all.toReversed().map((message) => [message.text, message])).values()].reverse()
}
const requests = (sipp: Sipp): string[] => received(sipp).map(({ text }) => text)
const header = (text: string, name: string): string =>
  new RegExp(`^${name}: *(.*?)\\r?$`, 'im').exec(text)?.[1] ?? ''
/** SIPp listens: nobody else can bind its port. Before that, it would count as a closed one. */
const ready = (sipp: Sipp): Promise<unknown> =>
  eventually('SIPp', 5000, async () => {
    const socket = createSocket('udp4').bind(sipp.port, '127.0.0.1')
    const isTaken = await once(socket, 'listening').then(
      () => false,
      () => true,
    )
    if (!isTaken) socket.close()
    return isTaken
  })

/** A UDP port that hears everything and answers nothing. */
async function silentPeer(t: Test): Promise<{ port: number; heard: string[] }> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  t.teardown(() => socket.close())
  const heard: string[] = []
  // Not the CRLF that asks whether anybody is there.
  socket.on('message', (bytes) => bytes.length > 4 && heard.push(bytes.toString()))
  return { port: socket.address().port, heard }
}

t.test(
  'challenged, registered, refreshed before it expires, and taken back',
  sippOptions,
  async (t) => {
    const stage = await openSipStage(t)
    const args = ['-au', USER, '-ap', PASSWORD]
    const keys = { user: USER, secret: PASSWORD }
    const sipp = await runSipp(t, { scenario: 'registrar-challenges', keys, args })
    await ready(sipp)
    const registration = stage.register(`127.0.0.1:${sipp.port}`)
    await eventually('the registration', 5000, () => registration.state.name === 'registered')
    t.match(registration.view(), { registration: 'registered', lastFailure: null })
    // The registrar granted a second: the refresh carries the credentials at once.
    await eventually('the refresh', 5000, () => requests(sipp).length === 3)
    await eventually('ten minutes', 3000, () => {
      const { state } = registration
      return state.name === 'registered' && state.expiresAt - Date.now() > 590_000
    })
    await registration.close()
    await succeeds(t, sipp)
    const seen = requests(sipp)
    t.equal(seen.length, 4)
    t.equal(new Set(seen.map((text) => header(text, 'Call-ID'))).size, 1)
    const sequence = seen.map((text) => Number.parseInt(header(text, 'CSeq'), 10))
    t.same(
      sequence,
      [...sequence].sort((a, b) => a - b),
      'rising',
    )
    t.equal(new Set(sequence).size, 4)
    const tags = seen.map((text) => header(text, 'From').split(';tag=')[1])
    t.equal(tags[0], tags[1], 'the answer to a challenge is the same request')
    for (const text of seen) {
      t.match(header(text, 'From'), `<sip:${USER}@127.0.0.1:${sipp.port}>`)
      t.match(header(text, 'To'), `<sip:${USER}@127.0.0.1:${sipp.port}>`)
      t.match(header(text, 'Contact'), new RegExp(`^<sip:${USER}@127.0.0.1:\\d+>;expires=\\d+$`))
    }
    t.notMatch(stage.lines.join(), new RegExp(`${USER}|${PASSWORD}`), 'never in a log')
  },
)

t.test('wrong credentials are not tried again and again', sippOptions, async (t) => {
  const stage = await openSipStage(t)
  const sipp = await runSipp(t, { scenario: 'registrar-refuses' })
  await ready(sipp)
  const registration = stage.register(`127.0.0.1:${sipp.port}`)
  await succeeds(t, sipp)
  await eventually('the failure', 3000, () => registration.state.name === 'failing')
  t.match(registration.view(), { registration: 'failing', lastFailure: { sipStatus: 401 } })
  t.match(stage.lines.join(), /check EXOLVE_SIP_USER and EXOLVE_SIP_PASS/)
})

t.test('too brief: asked again at once', sippOptions, async (t) => {
  const stage = await openSipStage(t)
  const sipp = await runSipp(t, { scenario: 'registrar-wants-longer' })
  await ready(sipp)
  const registration = stage.register(`127.0.0.1:${sipp.port}`)
  await succeeds(t, sipp)
  await eventually('two hours', 3000, () => {
    const { state } = registration
    return state.name === 'registered' && state.expiresAt - Date.now() > 7_190_000
  })
})

t.test('overloaded: asked again after the time it names', sippOptions, async (t) => {
  const stage = await openSipStage(t)
  const sipp = await runSipp(t, { scenario: 'registrar-overloaded' })
  await ready(sipp)
  const registration = stage.register(`127.0.0.1:${sipp.port}`)
  await succeeds(t, sipp)
  await eventually('the registration', 3000, () => registration.state.name === 'registered')
  const [first, second] = received(sipp)
  const pause = (second?.atMs ?? 0) - (first?.atMs ?? 0)
  t.ok(pause >= 990 && pause < 2500, 'a second', { pause })
})

t.test('a redirect is not followed', sippOptions, async (t) => {
  const stage = await openSipStage(t)
  const elsewhere = await silentPeer(t)
  const sipp = await runSipp(t, {
    scenario: 'registrar-moved',
    keys: { elsewhere: elsewhere.port },
  })
  await ready(sipp)
  t.match(await stage.registerOnce(`127.0.0.1:${sipp.port}`), { status: 302 })
  await succeeds(t, sipp)
  t.same(elsewhere.heard, [])
})

t.test('nobody answers, nobody is there, no way there: each says why', async (t) => {
  const stage = await openSipStage(t)
  const silent = await silentPeer(t)
  t.match(await stage.registerOnce(`127.0.0.1:${silent.port}`), {
    status: 408,
    detail: 'Request Timeout',
  })
  await t.rejects(stage.registerOnce(`127.0.0.1:${silent.port}`, { timeoutMs: 100 }), {
    code: 'TIMED_OUT',
  })
  const closed = await silentPeer(t)
  t.match(await stage.registerOnce('127.0.0.1:1'), { status: 503, detail: /^[A-Z][A-Za-z ]+$/ })
  t.match(await stage.registerOnce('127.0.0.1', { proxy: 'sip:127.0.0.1:9;transport=tls' }), {
    status: 503,
    detail: 'No Such Transport',
  })
  t.same(closed.heard, [])
})

t.test('by a proxy: it is asked, the registrar is named, and the Route says so', async (t) => {
  const stage = await openSipStage(t)
  const proxy = await silentPeer(t)
  const uri = `sip:127.0.0.1:${proxy.port}`
  const asked = stage.registerOnce('registrar.invalid', { proxy: uri })
  const text = await eventually('REGISTER', 3000, () => proxy.heard[0])
  t.match(text, /^REGISTER sip:registrar\.invalid SIP\/2\.0\r\n/)
  t.equal(header(text, 'Route'), `<${uri};lr>`)
  t.match(await asked, { status: 408 })
})

t.test(
  'the SIP server goes away: told at once, and registered again when it is back',
  async (t) => {
    const stage = await openSipStage(t)
    const silent = await silentPeer(t)
    const asked = stage.registerOnce(`127.0.0.1:${silent.port}`)
    await eventually('REGISTER', 3000, () => silent.heard[0])
    const refused = t.rejects(asked, { code: 'SIP_UNAVAILABLE' })
    stage.relay.cut()
    await refused
    await t.rejects(stage.registerOnce('127.0.0.1:9'), { code: 'SIP_UNAVAILABLE' })

    const registration = stage.register(`127.0.0.1:${silent.port}`)
    await eventually('a failure', 3000, () => registration.view().lastFailure)
    t.match(registration.view().lastFailure, { sipStatus: null, detail: 'SIP Server Away' })
    // What the SIP server itself repeats has the old Call-ID.
    const callIds = () => new Set(silent.heard.map((text) => header(text, 'Call-ID'))).size
    t.equal(callIds(), 1)
    stage.relay.mend()
    await eventually('another REGISTER', 5000, () => callIds() === 2)
  },
)
