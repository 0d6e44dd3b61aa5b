import t from 'tap'
import { CSEQS_A_REGISTER } from '../../../gateway/sip/sip-port.ts'
import { PASSWORD, stage, USER } from './registration-stage.ts'

const HOUR = 3_600_000

t.test('it registers at once and refreshes after 80 % of the time', async (t) => {
  const { registrar, registration, word, metric, pass, now } = stage(t)
  t.match(registrar.asked, [
    {
      requestUri: 'sip:sip.exolve.example',
      addressOfRecord: `sip:${USER}@sip.exolve.example`,
      contactUser: USER,
      expiresSeconds: 3600,
      proxy: 'sip:192.0.2.9',
    },
  ])
  t.same([registration.state.name, word(), await metric()], ['registering', 'registering', 0])
  await registrar.answer(200)
  t.same(registration.state, { name: 'registered', expiresAt: now() + HOUR })
  t.equal(registration.view().expiresAt, now() + HOUR)
  t.same([word(), await metric()], ['registered', 1])
  const { since } = registration.view()
  await pass(0.8 * HOUR - 50)
  t.equal(registrar.asked.length, 1)
  await pass(50)
  t.equal(registrar.asked.length, 2)
  t.match(registration.state, { name: 'refreshing' })
  t.same([word(), await metric()], ['registered', 1], 'the binding still stands')
  await registrar.answer(200, { expiresSeconds: 120 })
  t.same(registration.state, { name: 'registered', expiresAt: now() + 120_000 })
  t.equal(registration.view().since, since, 'never interrupted')
  await pass(96_000)
  t.equal(registrar.asked.length, 3, 'the registrar decides how long')
  const [first, second, third] = registrar.asked
  t.equal(first?.sipCallId, third?.sipCallId)
  t.equal((second?.cseq ?? 0) - (first?.cseq ?? 0), CSEQS_A_REGISTER)
  t.ok((third?.cseq ?? 0) > (second?.cseq ?? 0))
})

t.test('the refresh comes before 90 % of the time, whatever chance says', async (t) => {
  const { registrar, pass } = stage(t, { random: 0.999 })
  await registrar.answer(200, { expiresSeconds: 100 })
  await pass(89_000)
  t.equal(registrar.asked.length, 1)
  await pass(1000)
  t.equal(registrar.asked.length, 2)
})

t.test(
  'a registrar that fails is asked again with doubling pauses, up to five minutes',
  async (t) => {
    for (const [random, share] of [
      [0, 0.5],
      [0.999, 1],
    ] as const) {
      const { registrar, registration, pass, now, word } = stage(t, { random })
      for (const whole of [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]) {
        await registrar.answer(500)
        const { state } = registration
        if (state.name !== 'failing') throw new Error(state.name)
        const delay = state.nextTryAt - now()
        t.ok(Math.abs(delay - whole * 1000 * share) <= whole, `${whole} s`, { delay, random })
        const before = registrar.asked.length
        await pass(delay + 50)
        t.equal(registrar.asked.length, before + 1)
        t.equal(word(), 'failing')
      }
      await registrar.answer(200)
      t.equal(word(), 'registered')
      await pass(0.9 * HOUR)
      await registrar.answer(503)
      t.match(registration.state, { name: 'failing', attempt: 1 }, 'a success forgets the failures')
    }
  },
)

t.test('Retry-After is honoured, and bounded', async (t) => {
  for (const [asked, seconds] of [
    [120, 120],
    [10_000_000, 3600],
    [0, 0.5],
  ] as const) {
    const { registrar, registration, now } = stage(t)
    await registrar.answer(503, { retryAfterSeconds: asked })
    t.match(registration.state, { nextTryAt: now() + seconds * 1000 })
  }
})

t.test(
  'too brief: asked again at once for as long as the registrar wants, not for ever',
  async (t) => {
    const { registrar, registration, word } = stage(t)
    await registrar.answer(423, { minExpiresSeconds: 7200 })
    t.match(registrar.asked.at(-1), { expiresSeconds: 7200 })
    t.equal(registrar.asked.length, 2)
    await registrar.answer(423, { minExpiresSeconds: 7200 })
    t.equal(registrar.asked.length, 2, 'the same again is a failure')
    t.match(registration.state, { name: 'failing', attempt: 1 })
    t.equal(word(), 'failing')
    const other = stage(t)
    await other.registrar.answer(423, { minExpiresSeconds: 4_000_000_000 })
    t.equal(other.registrar.asked.length, 1)
  },
)

t.test('wrong credentials: a slow pause and a line that says what to check', async (t) => {
  for (const status of [401, 403, 404, 407]) {
    const { registrar, registration, lines, now, word } = stage(t)
    await registrar.answer(status)
    t.match(registration.state, { name: 'failing', nextTryAt: now() + 30_000 }, `${status}`)
    t.match(registration.view(), { lastFailure: { at: now(), sipStatus: status, detail: null } })
    t.equal(word(), 'failing')
    const told = lines.filter((line) => line.includes('"error"'))
    t.match(told, [/check EXOLVE_SIP_USER and EXOLVE_SIP_PASS/])
    t.notMatch(lines.join(), USER)
    t.notMatch(lines.join(), PASSWORD)
  }
})

t.test('a refusal in the middle takes the binding away, another failure does not', async (t) => {
  const { registrar, word, metric, pass, lines } = stage(t)
  await registrar.answer(200)
  await pass(0.8 * HOUR)
  await registrar.answer(503)
  t.same([word(), await metric()], ['registered', 1], 'it stands until it expires')
  await pass(1000)
  await registrar.answer(403)
  t.same([word(), await metric()], ['failing', 0])
  t.match(lines.join(), /no longer registered/)
})

t.test('a binding that runs out while nobody answers is told at that moment', async (t) => {
  const { registrar, registration, word, metric, pass } = stage(t)
  await registrar.answer(200, { expiresSeconds: 100 })
  await pass(80_000)
  t.match(registration.state, { name: 'refreshing' })
  await pass(19_950)
  t.same([word(), await metric()], ['registered', 1])
  await pass(100)
  t.same([word(), await metric()], ['registering', 0], 'unanswered, not failed yet')
  await registrar.fail('TIMED_OUT')
  t.equal(word(), 'failing')
  t.match(registration.view(), { lastFailure: { sipStatus: null, detail: 'No Answer' } })
  t.equal(registration.view().expiresAt, null)
  await pass(1000)
  await registrar.answer(200)
  t.same([word(), await metric()], ['registered', 1])
})

t.test('a local failure says why, and is told once while it stays the same', async (t) => {
  const { registrar, registration, lines, pass } = stage(t)
  await registrar.answer(503, { detail: 'Certificate Has Expired', expiresSeconds: 0 })
  await pass(1000)
  await registrar.answer(503, { detail: 'Certificate Has Expired', expiresSeconds: 0 })
  t.match(registration.view(), {
    lastFailure: { sipStatus: null, detail: 'Certificate Has Expired' },
  })
  const warnings = () => lines.filter((line) => line.includes('"warn"'))
  t.match(warnings(), [/Certificate Has Expired/])
  t.equal(warnings().length, 1)
  await pass(2000)
  await registrar.answer(503, { detail: 'Connection Refused', expiresSeconds: 0 })
  t.equal(warnings().length, 2)
})

t.test('a 200 OK that binds nothing is a failure', async (t) => {
  const { registrar, word } = stage(t)
  await registrar.answer(200, { expiresSeconds: 0 })
  t.equal(word(), 'failing')
})

t.test('the SIP server goes and comes back: registered again at once', async (t) => {
  const { registrar, registration, word, metric, pass } = stage(t)
  await registrar.answer(200)
  registrar.isConnected = false
  registration.lost()
  t.same([word(), await metric()], ['failing', 0])
  await pass(10_000)
  const tries = registrar.asked.length
  t.ok(tries < 8, 'patiently', { tries })
  registrar.isConnected = true
  registration.restored()
  t.equal(registrar.asked.length, tries + 1)
  await registrar.answer(200)
  t.same([word(), await metric()], ['registered', 1])
})

t.test('an answer to a request from before the loss is not heard', async (t) => {
  const { registrar, registration, word } = stage(t)
  registration.lost()
  await registrar.answer(200)
  t.equal(word(), 'failing')
})

t.test('close removes the binding, and nothing is asked after it', async (t) => {
  const { registrar, registration, word, metric, pass } = stage(t)
  await registrar.answer(200)
  const closing = registration.close()
  t.equal(registration.close(), closing)
  t.match(registrar.asked.at(-1), { expiresSeconds: 0, timeout: 2000 })
  await registrar.answer(200, { expiresSeconds: 0 })
  await closing
  t.same([word(), await metric()], ['unregistered', 0])
  registration.restored()
  registration.lost()
  await pass(2 * HOUR)
  t.equal(registrar.asked.length, 2)
  t.equal(word(), 'unregistered')
})

t.test('close with a registrar that is silent or away ends all the same', async (t) => {
  const silent = stage(t)
  await silent.registrar.answer(200)
  const closing = silent.registration.close()
  await silent.registrar.fail('TIMED_OUT')
  await closing
  t.match(silent.lines.join(), /was not told that we leave/)
  t.equal(silent.word(), 'closed', 'it may still know us')
  const away = stage(t)
  away.registrar.isConnected = false
  await away.registration.close()
  t.equal(away.registrar.asked.length, 1, 'nobody to tell')
  const never = stage(t)
  await never.registrar.answer(403)
  await never.registration.close()
  t.equal(never.registrar.asked.length, 1, 'nothing to remove')
  t.equal(never.word(), 'unregistered')
})

t.test('close during a REGISTER: the farewell has the higher CSeq', async (t) => {
  const { registrar, registration, word } = stage(t)
  const closing = registration.close()
  const [first, farewell] = registrar.asked
  t.ok((farewell?.cseq ?? 0) > (first?.cseq ?? 0))
  await registrar.answer(200)
  t.equal(word(), 'closed', 'the late answer binds nothing')
  await registrar.answer(200, { expiresSeconds: 0 })
  await closing
})

t.test('a registration that goes on failing is told again every five minutes', async (t) => {
  const { registrar, registration, lines, pass } = stage(t)
  const told = (text: string): number => lines.filter((line) => line.includes(text)).length
  const settings = 'check EXOLVE_SIP_USER and EXOLVE_SIP_PASS'
  await registrar.answer(403)
  for (const passed of [1, 2, 3]) {
    // Each try fails in the same way, and only the first was worth a line.
    for (let minute = 0; minute < 5; minute += 1) {
      await pass(60_000)
      await registrar.answer(403)
    }
    t.equal(told(`the registrar still refuses us: ${settings}`), passed)
    t.match(lines.join(), `"sipStatus":403,"detail":null,"failingSeconds":${passed * 300}`)
  }
  t.equal(told('the registrar refuses us: '), 1)
  while (registrar.asked.length < 100 && registration.view().registration === 'failing') {
    await pass(60_000)
    await registrar.answer(200)
  }
  const before = told('still')
  await pass(600_000)
  t.equal(told('still'), before, 'registered: nothing to remind of')
})

t.test('after the stop nobody is reminded', async (t) => {
  const { registrar, registration, lines, pass } = stage(t)
  await registrar.answer(503)
  await registration.close()
  await pass(900_000)
  t.notMatch(lines.join(), 'still not registered')
})

t.test(
  'a carrier that answers again ends the pause that its silence made, and no other',
  async (t) => {
    const { registrar, registration, word } = stage(t)
    const silence = { detail: 'Port Closed' }
    for (let failure = 1; failure < 9; failure += 1) {
      await registrar.answer(503, silence)
      t.match(registration.state, { name: 'failing', attempt: failure })
      registration.trunkAnswers()
      t.equal(registrar.asked.length, failure + 1, 'at once')
      registration.trunkAnswers()
      t.equal(registrar.asked.length, failure + 1, 'one at a time')
    }
    await registrar.answer(200)
    t.equal(word(), 'registered')
    registration.trunkAnswers()
    t.equal(registrar.asked.length, 9, 'there is no need')
    for (const [status, more] of [
      [401, {}],
      [503, { retryAfterSeconds: 60 }],
    ] as const) {
      const other = stage(t)
      await other.registrar.answer(status, more)
      other.registration.trunkAnswers()
      t.equal(other.registrar.asked.length, 1, `${status}: what was asked for is kept`)
      await other.registration.close()
      other.registration.trunkAnswers()
      t.equal(other.registrar.asked.length, 1)
    }
  },
)
