// Two simulated carriers call each other: signalling both ways, sound both ways, and what goes wrong on purpose.
import t, { type Test } from 'tap'
import {
  decodeUlaw,
  soundBytes,
  startCarrier,
  type Carrier,
  type CarrierCallRecord,
  type CarrierOptions,
} from '../../../simulators/carrier/index.ts'

const FAST = { t1Ms: 50, t2Ms: 400 }

async function pair(
  test: Test,
  left: CarrierOptions = {},
  right: CarrierOptions = {},
): Promise<{ caller: Carrier; called: Carrier }> {
  const caller = await startCarrier(left)
  const called = await startCarrier(right)
  test.teardown(() => Promise.all([caller.close(), called.close()]))
  return { caller, called }
}

const targetOf = ({ address }: Carrier, number = '+4930111222'): string =>
  `sip:${number}@${address.host}:${address.port}`

const ended = (carrier: Carrier, timeoutMs = 8000): Promise<CarrierCallRecord> =>
  carrier.waitForCall((call) => call.endedAt !== null, timeoutMs)

/** Frequency by counting rising zero crossings, level in dBm0. */
function measure(audio: Buffer): { hz: number; dbm0: number } {
  const samples = [...audio].map(decodeUlaw)
  let rising = 0
  let sum = 0
  samples.forEach((sample, index) => {
    if (sample >= 0 && (samples[index - 1] ?? 0) < 0) rising += 1
    sum += sample * sample
  })
  const rms = Math.sqrt(sum / samples.length)
  return {
    hz: rising / (samples.length / 8000),
    dbm0: 20 * Math.log10((rms * Math.SQRT2) / 32124) + 3.17,
  }
}

t.test('a call is answered, a tone and speech pass, and the caller hangs up', async (t) => {
  const { caller, called } = await pair(t)
  called.script('+4930111222', [
    { ring: 100 },
    { answer: true },
    { say: { tone: 440, ms: 1000 } },
    { untilHangUp: 8000 },
  ])
  const out = await caller.call({
    to: targetOf(called),
    from: '+4930900000',
    script: [{ say: { speech: 'caller-hello' } }, { listen: 300 }, { hangUp: true }],
  })
  const heard = await ended(called)
  await ended(caller)
  t.match(heard, { direction: 'outbound', to: '+4930111222', finalStatus: 200, byeBy: 'gateway' })
  t.match(out, { direction: 'inbound', from: '+4930900000', finalStatus: 200, byeBy: 'carrier' })
  t.same([...out.protocolErrors, ...heard.protocolErrors], [])
  t.ok(heard.answeredAt! - heard.inviteAt >= 95, 'answered after the ring')
  t.ok(heard.ackAt! >= heard.answeredAt!)

  const speech = soundBytes({ speech: 'caller-hello' })
  t.ok(heard.rtpIn.audio.includes(speech.subarray(0, 16_000)), 'speech arrives byte for byte')
  const toneAt = out.rtpIn.audio.indexOf(soundBytes({ tone: 440, ms: 900 }))
  t.ok(toneAt >= 0, 'the tone arrives byte for byte')
  const { hz, dbm0 } = measure(out.rtpIn.audio.subarray(toneAt, toneAt + 8000))
  t.ok(Math.abs(hz - 440) < 2, `frequency ${hz}`)
  t.ok(Math.abs(dbm0 + 10) < 0.2, `level ${dbm0}`)

  for (const { rtpIn } of [heard, out]) {
    t.match(rtpIn, { lost: 0, holes: [], outOfOrder: 0, duplicates: 0, malformed: 0, markers: 1 })
    t.equal(rtpIn.timestampsFollowClock, true)
    t.same([rtpIn.ssrcs.length, rtpIn.sources.length, rtpIn.payloadTypes], [1, 1, [0]])
    const rate = (rtpIn.lastAt! - rtpIn.firstAt!) / (rtpIn.packets - 1)
    t.ok(Math.abs(rate - 20) < 0.5, `20 ms pacing, seen ${rate}`)
  }
})

t.test(
  'a number dialled chooses its script: busy, declined, early media then failure',
  async (t) => {
    const { caller, called } = await pair(t)
    const busy = await caller.call({ to: targetOf(called, '+49301186'), from: '1', script: [] })
    await caller.waitForCall(() => busy.endedAt !== null, 3000)
    t.match(busy, { finalStatus: 486, answeredAt: null, provisionalAt: null })
    const declined = await caller.call({ to: targetOf(called, '+49301103'), from: '1', script: [] })
    await caller.waitForCall(() => declined.endedAt !== null, 3000)
    t.equal(declined.finalStatus, 603)
    t.ok(declined.provisionalAt)
    called.script('*', [{ earlyMedia: { tone: 425, ms: 300 } }, { reject: 503, retryAfter: 7 }])
    const failed = await caller.call({ to: targetOf(called), from: '1', script: [] })
    await caller.waitForCall(() => failed.endedAt !== null, 3000)
    t.equal(failed.finalStatus, 503)
    t.match(
      failed.messages.find(({ startLine }) => startLine.includes('503'))?.raw,
      /Retry-After: 7/,
    )
    t.match(failed.messages.map(({ startLine }) => startLine).join(), /183 Session Progress/)
    const isAcknowledged = (): boolean =>
      /^ACK/.test(called.calls.at(-1)?.messages.at(-1)?.startLine ?? '')
    await called.waitForCall(isAcknowledged, 3000)
    t.equal(called.calls.at(-1)?.ackAt, null, 'the ACK of a failure is not the ACK of an answer')
    for (const call of [...called.calls, ...caller.calls]) t.same(call.protocolErrors, [])
  },
)

t.test('CANCEL during ringing ends with 487 on both sides', async (t) => {
  const { caller, called } = await pair(t)
  called.script('*', 'noAnswer')
  const out = await caller.call({
    to: targetOf(called),
    from: '1',
    script: [{ wait: 500 }, { cancel: true }],
  })
  const heard = await ended(called)
  await ended(caller)
  t.match([out.finalStatus, heard.finalStatus], [487, 487])
  t.ok(heard.cancelAt! >= out.cancelAt! - 1)
  t.same([...out.protocolErrors, ...heard.protocolErrors], [])
})

t.test('a 200 OK that crosses the CANCEL is acknowledged and ended with BYE', async (t) => {
  const { caller, called } = await pair(t)
  called.script('*', 'answersOnCancel')
  const out = await caller.call({
    to: targetOf(called),
    from: '1',
    script: [{ wait: 500 }, { cancel: true }],
  })
  const heard = await ended(called)
  await ended(caller)
  t.match([out.finalStatus, heard.finalStatus], [200, 200])
  t.match(heard, { byeBy: 'gateway' })
  t.ok(heard.cancelAt && heard.ackAt && heard.byeAt)
  t.same([...out.protocolErrors, ...heard.protocolErrors], [])
})

t.test('requests, responses and ACKs are sent again until they arrive', async (t) => {
  // Each kind of datagram is lost the first time it passes.
  const loseFirst = (): NonNullable<CarrierOptions['drop']> => {
    const lost = new Set<string>()
    return ({ direction, startLine }) => {
      if (direction === 'sent' || lost.has(startLine)) return false
      lost.add(startLine)
      return true
    }
  }
  const { caller, called } = await pair(
    t,
    { drop: loseFirst(), timers: FAST },
    { drop: loseFirst(), timers: FAST },
  )
  called.script('*', [{ answer: true }, { untilHangUp: 9000 }])
  const out = await caller.call({
    to: targetOf(called),
    from: '1',
    script: [{ listen: 600 }, { hangUp: true }],
  })
  const heard = await ended(called)
  await ended(caller)
  t.match([out.finalStatus, heard.finalStatus, out.byeBy], [200, 200, 'carrier'])
  t.ok(heard.ackAt, 'the ACK came with the repeated 200')
  const repeats = out.messages.filter(({ repeated }) => repeated).map(({ startLine }) => startLine)
  t.ok(repeats.some((line) => line.startsWith('INVITE')))
  t.ok(repeats.some((line) => line.startsWith('BYE')))
  t.equal(called.calls.length, 1, 'a repeated INVITE is no second call')
  t.same([...out.protocolErrors, ...heard.protocolErrors], [])
})

t.test('a caller that never acknowledges: the 200 repeats for 64·T1, then BYE', async (t) => {
  const { caller, called } = await pair(t, {}, { timers: { t1Ms: 20, t2Ms: 160 } })
  called.script('*', [{ answer: true }, { untilHangUp: 9000 }])
  const out = await caller.call({ to: targetOf(called), from: '1', script: [{ noAck: true }] })
  const heard = await ended(called)
  t.same(heard.protocolErrors, ['no ACK of the 200 to INVITE within 64·T1'])
  t.match(heard, { ackAt: null, byeBy: 'carrier' })
  t.ok(heard.byeAt! - heard.answeredAt! >= 64 * 20 - 5)
  t.equal(out.ackAt, null)
  t.ok(out.messages.filter(({ startLine }) => startLine === 'SIP/2.0 200 OK').length > 5)
})

t.test('an ACK held back comes when the script says, and the call goes on', async (t) => {
  const { caller, called } = await pair(t, {}, { timers: FAST })
  called.script('*', [{ answer: true }, { untilHangUp: 9000 }])
  const script = [{ ackAfterMs: 300 }, { listen: 500 }, { hangUp: true }] as const
  const out = await caller.call({ to: targetOf(called), from: '1', script })
  const heard = await ended(called)
  t.ok(heard.ackAt! - heard.answeredAt! >= 295, 'late')
  const answers = heard.messages.filter(({ raw }) => /^SIP[^]*CSeq: 1 INVITE/.test(raw))
  t.ok(answers.length >= 4, `100 and 200, the 200 again and again: ${answers.length}`)
  t.match([heard.byeBy, out.finalStatus], ['gateway', 200])
  t.same(heard.protocolErrors, [])
})

t.test('early media is heard before the answer, and a listener waits for quiet', async (t) => {
  const { caller, called } = await pair(t)
  called.script('*', [
    { earlyMedia: { tone: 425, ms: 400 } },
    { answer: true },
    { hearUntilQuiet: 800 },
    { say: { tone: 700, ms: 200 } },
    { hangUp: true },
  ])
  const script = [{ say: { speech: 'caller-hello' } }, { untilHangUp: 9000 }] as const
  const out = await caller.call({ to: targetOf(called), from: '1', script })
  const heard = await ended(called, 9000)
  t.ok(out.rtpIn.firstAt! < out.answeredAt!, 'sound before the answer')
  t.ok(heard.rtpIn.firstAt! >= heard.answeredAt!, 'the caller is silent until then')
  t.ok(heard.byeAt! - heard.rtpIn.voiceAt! >= 950, 'quiet for 800 ms, then 200 ms of tone')
  const speechMs = soundBytes({ speech: 'caller-hello' }).length / 8
  t.ok(heard.byeAt! - heard.answeredAt! < speechMs + 2000, 'and not the whole wait')
  t.same([...out.protocolErrors, ...heard.protocolErrors], [])
})

t.test('both hang up at once, and neither complains', async (t) => {
  const { caller, called } = await pair(t)
  called.script('*', [{ answer: true }, { untilHangUp: 9000 }])
  const out = await caller.call({
    to: targetOf(called),
    from: '1',
    script: [{ untilHangUp: 9000 }],
  })
  const heard = await called.waitForCall((call) => call.ackAt !== null, 2000)
  caller.hangUp(out)
  called.hangUp(heard)
  await ended(caller)
  await ended(called)
  t.same([out.byeBy, heard.byeBy], ['carrier', 'carrier'])
  t.same([...out.protocolErrors, ...heard.protocolErrors], [])
})

t.test('a proxy that record-routes gets ACK and BYE by its Route', async (t) => {
  for (const side of ['caller', 'called'] as const) {
    const proxied = { recordRoute: true }
    const { caller, called } = await pair(
      t,
      side === 'caller' ? proxied : {},
      side === 'called' ? proxied : {},
    )
    const hangUpSide = side === 'called' ? caller : called
    called.script('*', [
      { answer: true },
      { listen: 200 },
      hangUpSide === called ? { hangUp: true } : { untilHangUp: 5000 },
    ])
    const out = await caller.call({
      to: targetOf(called),
      from: '1',
      script: hangUpSide === caller ? [{ listen: 200 }, { hangUp: true }] : [],
    })
    const heard = await ended(called)
    await ended(caller)
    t.same([...out.protocolErrors, ...heard.protocolErrors], [], side)
    t.same([...caller.protocolErrors, ...called.protocolErrors], [], side)
    const bye = [...out.messages, ...heard.messages].find(({ raw }) => raw.startsWith('BYE'))
    t.match(bye?.raw, /\r\nRoute: <sip:127\.0\.0\.1:\d+;lr>/)
  }
})

t.test('a phone that vanishes answers nothing more; one that ignores BYE neither', async (t) => {
  const { caller, called } = await pair(t, { timers: { t1Ms: 10, t2Ms: 80 } })
  for (const script of [
    [{ answer: true }, { listen: 200 }, { vanish: true }],
    [{ answer: true }, { untilHangUp: 5000 }, { ignoreBye: true }],
  ] as const) {
    called.script('*', script)
    const out = await caller.call({
      to: targetOf(called),
      from: '1',
      script: [{ listen: 500 }, { hangUp: true }],
    })
    await caller.waitForCall(() => out.endedAt !== null, 3000)
    t.same(out.protocolErrors, ['no response to BYE'])
    t.ok(called.calls.at(-1)?.byeAt)
  }
  const [vanished] = called.calls
  t.ok(vanished?.vanishedAt)
  t.ok(vanished!.rtpOut.packets <= 13, 'silent from then on')
})

t.test('lost RTP packets are counted, and their place in the audio is silence', async (t) => {
  const dropRtp: CarrierOptions['dropRtp'] = ({ direction, sequence }) =>
    direction === 'sent' && sequence % 10 === 0
  const { caller, called } = await pair(t, { dropRtp })
  called.script('*', [{ answer: true }, { untilHangUp: 9000 }])
  const out = await caller.call({
    to: targetOf(called),
    from: '1',
    script: [{ say: { tone: 1000, ms: 1000 } }, { hangUp: true }],
  })
  const { rtpIn } = await ended(called)
  t.ok(rtpIn.lost >= 4 && rtpIn.lost <= 6, `lost ${rtpIn.lost}`)
  t.ok(Math.abs(rtpIn.packets + rtpIn.lost - out.rtpOut.packets) <= 1)
  t.ok(rtpIn.audio.includes(Buffer.alloc(160, 0xff)))
  t.equal(rtpIn.holes.length, rtpIn.lost)
  t.ok(
    rtpIn.holes.every(({ ms }) => ms === 20),
    'each a hole of one packet',
  )
})

t.test('closing frees everything, with calls up', async (t) => {
  const idle = process.getActiveResourcesInfo().length
  const caller = await startCarrier()
  const called = await startCarrier()
  called.script('*', [{ answer: true }, { untilHangUp: 9000 }])
  await caller.call({ to: targetOf(called), from: '1', script: [{ untilHangUp: 9000 }] })
  await called.waitForCall((call) => call.ackAt !== null, 2000)
  await caller.close()
  const left = await ended(called, 2000)
  t.equal(left.byeBy, 'gateway', 'close hangs up')
  await called.close()
  await called.close()
  await t.rejects(caller.call({ to: targetOf(called), from: '1', script: [] }), {
    code: 'INVALID_STATE',
  })
  await new Promise((resolve) => setImmediate(resolve))
  t.ok(process.getActiveResourcesInfo().length <= idle, process.getActiveResourcesInfo().join())
})
