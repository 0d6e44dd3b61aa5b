// The simulated VoxEngine, rule by rule: the order of events, the network, the limits, the end.
import t from 'tap'
import type { PhoneScript, SessionPlan } from '../../../simulators/voximplant/engine/index.ts'
import { nobodyAt, play, serve, WRITE_CALL_EVENTS } from './engine-run.ts'

const DIAL = `${WRITE_CALL_EVENTS}
  VoxEngine.addEventListener(AppEvents.Started, (e) => {
    watch(VoxEngine.callPSTN('+4930231250001', '+4930231250000'))
  })`

const dialled = async (t: Parameters<typeof play>[0], phone: PhoneScript, more = '') => {
  const session = play(t, DIAL + more, { phones: () => phone, pace: 0.01 })
  const result = await session.over
  return { log: session.log, result }
}

const BEGIN = 'Application.Started'
const END = ['Application.Terminating', 'Application.Terminated']

t.test('an answered call, recorded: the order of its events', async (t) => {
  const session = play(
    t,
    `${WRITE_CALL_EVENTS}
    VoxEngine.addEventListener(AppEvents.Started, () => {
      const call = watch(VoxEngine.callPSTN('+4930231250001', '+4930231250000'))
      call.addEventListener(CallEvents.Connected, () => call.record({ stereo: true }))
    })`,
    { phones: () => ({ answer: 'yes', talkMs: 90_000, earlyMedia: true }), pace: 0.01 },
  )
  const result = await session.over
  t.strictSame(session.log, [
    BEGIN,
    'Call.Ringing PROGRESSING',
    'Call.AudioStarted PROGRESSING',
    'Call.Connected CONNECTED',
    'Call.RecordStarted CONNECTED',
    'Call.Disconnected 200 TERMINATED',
    'Call.RecordStopped TERMINATED',
    ...END,
  ])
  t.match(result, {
    finishReason: 'Normal termination',
    calls: [
      {
        localNumber: '+4930231250000',
        remoteNumber: '+4930231250001',
        incoming: false,
        successful: true,
        cost: 0.04,
        endReason: 'Normal call clearing',
      },
    ],
    records: [{ recordId: 7, cost: 0.008 }],
    resources: [{ type: 'CALLSESSION' }],
  })
  t.ok(result.calls[0]!.durationSeconds >= 90, 'in the time of the session')
})

t.test('calls that are not answered fail with the code of it', async (t) => {
  const cases: readonly [PhoneScript, string, boolean][] = [
    [{ answer: 'busy' }, 'Call.Failed 486 TERMINATED', true],
    [{ answer: 'declined' }, 'Call.Failed 603 TERMINATED', true],
    [{ answer: 'no-answer' }, 'Call.Failed 408 TERMINATED', true],
    [{ answer: 'invalid' }, 'Call.Failed 404 TERMINATED', false],
  ]
  for (const [phone, failure, rings] of cases) {
    const { log, result } = await dialled(t, phone)
    const ringing = rings ? ['Call.Ringing PROGRESSING'] : []
    t.strictSame(log, [BEGIN, ...ringing, failure, ...END])
    t.match(result.calls, [{ successful: false, cost: 0, durationSeconds: 0 }])
  }
})

t.test('an unanswered call that is hung up fails with 487', async (t) => {
  const script = DIAL.replace('watch(VoxEngine', 'const call = watch(VoxEngine').replace(
    "0000'))",
    "0000')); setTimeout(() => call.hangup(), 1000)",
  )
  const session = play(t, script, { phones: () => ({ answer: 'no-answer' }) })
  await session.over
  t.ok(session.log.includes('Call.Failed 487 TERMINATED'), session.log.join(', '))
})

t.test('inbound calls: answered, rejected, given up, left alone', async (t) => {
  const script = (act: string) => `${WRITE_CALL_EVENTS}
    VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call, callerid, destination }) => {
      Logger.write([callerid, destination, call.incoming(), call.state()].join(' '))
      watch(call)
      ${act}
    })`
  const inbound = (phone: PhoneScript): Partial<SessionPlan> => ({
    incoming: { from: '+4930231250001', to: '+4930231250000', phone },
    pace: 0.01,
  })
  const cases: readonly [string, PhoneScript, readonly string[]][] = [
    [
      'call.answer()',
      { answer: 'yes', talkMs: 1000 },
      ['Call.Connected CONNECTED', 'Call.Disconnected 200 TERMINATED'],
    ],
    ['call.reject(486)', { answer: 'yes' }, ['Call.Disconnected 486 TERMINATED']],
    ['', { answer: 'yes', givesUpAfterMs: 1000 }, ['Call.Disconnected 487 TERMINATED']],
    ['', { answer: 'yes' }, ['Call.Disconnected 408 TERMINATED']],
  ]
  for (const [act, phone, events] of cases) {
    const session = play(t, script(act), inbound(phone))
    const result = await session.over
    const alerting = ['Application.CallAlerting', '4930231250001 4930231250000 true ALERTING']
    t.strictSame(session.log, [BEGIN, ...alerting, ...events, ...END])
    t.match(result.calls, [{ incoming: true, localNumber: '4930231250000' }])
  }
})

t.test('a session without calls ends by itself', async (t) => {
  const session = play(t, WRITE_CALL_EVENTS, { pace: 0.005 })
  t.match(await session.over, { finishReason: 'Timeout', calls: [] })
  t.strictSame(session.log, [BEGIN, ...END])
})

t.test('the 51st call of a session fails', async (t) => {
  const session = play(
    t,
    `VoxEngine.addEventListener(AppEvents.Started, () => {
      for (let i = 1; i <= 51; i += 1) {
        const call = VoxEngine.callPSTN('1', '2')
        call.addEventListener(CallEvents.Failed, (e) => {
          Logger.write(i + ' ' + e.code)
          VoxEngine.terminate()
        })
      }
    })`,
    { phones: () => ({ answer: 'no-answer' }) },
  )
  await session.over
  t.strictSame(session.log, ['51 403'])
})

t.test('modules are there once they are required', async (t) => {
  const session = play(
    t,
    `const there = () => Logger.write([typeof ElevenLabs, typeof AMD].join(' '))
    there(); require(Modules.ElevenLabs); there(); require(Modules.AI); there()
    Logger.write([ElevenLabs.AgentsEvents.Ping, AMD.Model.EU_GENERAL].join(' '))
    VoxEngine.terminate()`,
  )
  await session.over
  t.strictSame(session.log, [
    'undefined undefined',
    'object undefined',
    'object object',
    'ElevenLabs.Agents.Ping eu_general',
  ])
})

t.test('HTTP: every status is a result, faults are codes below zero', async (t) => {
  const base = await serve(t, (request, response) => {
    if (request.url === '/hangs') return
    response.writeHead(Number(request.url?.slice(1)), { 'X-Agent': '1' })
    response.end(String(request.headers['user-agent']))
  })
  const closed = await nobodyAt()
  const session = play(
    t,
    `const codes = async () => {
      for (const url of ['${base}/200', '${base}/404', '${base}/503', 'nonsense', '${closed}', '${base}/hangs']) {
        const { code, text } = await Net.httpRequestAsync(url, { timeout: url.endsWith('hangs') ? 10 : 90 })
        Logger.write([code, text].join(' '))
      }
      VoxEngine.terminate()
    }
    codes()`,
  )
  await session.over
  const agent = 'VoxEngine/1.0'
  t.strictSame(session.log, [`200 ${agent}`, `404 ${agent}`, `503 ${agent}`, '-2 ', '-4 ', '-7 '])
})

t.test('three requests at once, 35 in all, the 36th throws', async (t) => {
  let active = 0
  let most = 0
  const base = await serve(t, (_request, response) => {
    active += 1
    most = Math.max(most, active)
    setTimeout(() => {
      active -= 1
      response.end()
    }, 5)
  })
  const session = play(
    t,
    `const all = []
    try { for (;;) all.push(Net.httpRequestAsync('${base}')) } catch (error) {
      Logger.write(all.length + ' ' + error.message)
    }
    Promise.all(all).then((results) => { Logger.write(String(results.length)); VoxEngine.terminate() })`,
  )
  const result = await session.over
  t.strictSame(session.log, ['35 Exceeded the HTTP connection count limit!', '35'])
  t.equal(most, 3)
  t.equal(result.httpRequests, 35)
})

t.test('after terminate the code goes on, and nothing but the end is told', async (t) => {
  const base = await serve(t, (_request, response) => {
    setTimeout(() => response.end(), 20)
  })
  const session = play(
    t,
    `VoxEngine.addEventListener(AppEvents.Started, () => {
      for (let i = 0; i < 5; i += 1) Net.httpRequestAsync('${base}').then(() => Logger.write('told'))
      setTimeout(() => Logger.write('timer'), 0)
      VoxEngine.terminate()
      Logger.write('still here')
    })
    VoxEngine.addEventListener(AppEvents.Terminating, () => {
      setTimeout(() => Logger.write('timer'), 0)
      Net.httpRequestAsync('${base}')
      try { Net.httpRequestAsync('${base}') } catch (error) { Logger.write(error.message) }
    })
    VoxEngine.addEventListener(AppEvents.Terminated, () => Logger.write('over'))`,
  )
  const result = await session.over
  t.strictSame(session.log, ['still here', 'Exceeded the HTTP connection count limit!', 'over'])
  t.equal(result.httpRequests, 4, 'three active, the queued dropped, and one at the end')
})

t.test('the access URL: what was sent, and X- headers alone', async (t) => {
  const session = play(
    t,
    `VoxEngine.addEventListener(AppEvents.HttpRequest, (e) => {
      Logger.write(JSON.stringify([e.method, e.path, e.content, e.headers]))
      VoxEngine.terminate()
    })`,
  )
  const headers = ['X-One', 'Accept'].map((key) => ({ key, value: '1' }))
  session.httpRequest({ method: 'POST', path: '/p', content: 'Grüße', headers })
  await session.over
  t.strictSame(JSON.parse(session.log[0] ?? ''), [
    'POST',
    '/p',
    'Grüße',
    [{ key: 'X-One', value: '1' }],
  ])
})

t.test('detection: what it reports, and when it says nothing', async (t) => {
  const script = `require(Modules.AI)
    ${WRITE_CALL_EVENTS}
    VoxEngine.addEventListener(AppEvents.Started, () => {
      const amd = AMD.create({ model: AMD.Model.EU_GENERAL })
      amd.addEventListener(AMD.Events.DetectionComplete, (e) => Logger.write('AMD ' + e.resultClass))
      amd.addEventListener(AMD.Events.DetectionError, (e) => Logger.write('AMD ' + e.message))
      watch(VoxEngine.callPSTN('1', '2', { amd }))
    })`
  const cases = [
    ['yes', undefined, ['AMD HUMAN']],
    ['voicemail', undefined, ['AMD VOICEMAIL']],
    ['yes', 'timeout', ['AMD TIMEOUT']],
    ['yes', 'error', ['AMD Internal error']],
    ['yes', 'silent', []],
  ] as const
  for (const [answer, amd, heard] of cases) {
    const session = play(t, script, {
      phones: () => ({ answer, talkMs: 8000 }),
      faults: { amd },
      pace: 0.01,
    })
    const { resources } = await session.over
    t.strictSame(
      session.log.filter((line) => line.startsWith('AMD')),
      heard,
    )
    t.ok(resources.some(({ type }) => type === 'VOICEMAILDETECTION'))
  }
})
