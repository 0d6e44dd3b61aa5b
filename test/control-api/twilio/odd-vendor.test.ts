// Twilio as it is on a bad day: the same question twice in one breath, a second word that overtakes the first, calls that
// look alike, and silence for good.
import t, { type Test } from 'tap'
import { setTimeout as sleep } from 'node:timers/promises'
import { CallBook } from '../../../control-api/twilio/call-book.ts'
import type { TwilioAnswer, TwilioRest, VendorCall } from '../../../control-api/twilio/client.ts'
import { LookUp } from '../../../control-api/twilio/look-up.ts'
import { TwilioCall } from '../../../control-api/twilio/twilio-call.ts'
import { epochMs, ms, newCallId, type CallId } from '../../../core/contracts/index.ts'
import { AppError } from '../../../core/errors/index.ts'
import { createLogger } from '../../../core/telemetry/index.ts'
import { createClock } from '../../../core/time/index.ts'
import { startElevenLabs } from '../../../simulators/elevenlabs/index.ts'
import { eventually, json } from '../../support/build-app.ts'
import { HUMAN, openStage, type CallView, type Stage } from './stage.ts'

t.jobs = 2

const agents = async (t: Test) => {
  const vendor = await startElevenLabs()
  t.teardown(() => vendor.close())
  return vendor
}

const form = (body: string, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  body,
  headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
})

t.test(
  'the first question twice in one breath, however far apart: one call, one answer',
  async (t) => {
    const stage = await openStage(t)
    for (let round = 0; round < 12; round++) {
      const body = `CallSid=CA${String(round).padStart(32, '0')}&From=%2B4930900000&CallStatus=ringing`
      const answers = await Promise.all(
        [0, 1, 2, 3].map(async (later) => {
          await sleep(later * (1 + (round % 3)))
          return await (await stage.request('/webhook/voice', form(body))).text()
        }),
      )
      t.equal(new Set(answers).size, 1)
      t.match(answers[0], '<Gather')
    }
    t.equal(stage.control.admitted.length, 12)
  },
)

t.test('a stranger’s thousands of parameters are not sorted for his signature', async (t) => {
  const stage = await openStage(t, {
    config: { rehearsal: false, apiKey: 'k'.repeat(32), requireKey: true },
  })
  const body = Array.from({ length: 10_000 }, (_, index) => index.toString(36)).join('&')
  const forged = form(body, { 'x-twilio-signature': 'x'.repeat(28) })
  const answer = await stage.request('/webhook/voice', forged)
  t.equal(answer.status, 400)
})

t.test(
  'the agent is done before Twilio has the order: the human is rung all the same',
  async (t) => {
    const vendor = await agents(t)
    const tools = [{ name: 'transfer_to_human', afterMs: 10 }]
    const quiet = { mode: 'silent', firstMessage: null, goodbye: null } as const
    vendor.script('agent_default', { ...quiet, tools, endAfterMs: 50 })
    const options = { agents: vendor, simulator: { pace: 0.1 } }
    const stage = await openStage(t, { ...options, twilio: { answerWith: 'agent' } })
    stage.twilio.failRest({ kind: 'slow', ms: 500 }, { of: 'calls.update' })
    const call = stage.twilio.callIn({ voiceUrl: stage.voiceUrl, statusCallback: stage.statusUrl })
    await call.waitForStream()
    const { call_id: callId } = await stage.onlyCall()
    const view = await stage.ended(callId)
    t.match(view.termination, { result: 'success', reason: 'transferred' })
    const dialled = call.log.flatMap((one) => (one.type === 'dial' ? one.dial.numbers : []))
    t.ok(dialled.includes(HUMAN))
    t.same(
      call.heard.map(({ text }) => text),
      [],
      'nobody is sorry',
    )
  },
)

t.test(
  'Twilio left the stream, and its end is lost: the agent is closed by what it asks next',
  async (t) => {
    const vendor = await agents(t)
    const stage = await openStage(t, { agents: vendor, twilio: { answerWith: 'agent' } })
    const call = stage.twilio.callIn({ voiceUrl: stage.voiceUrl })
    await call.waitForStream()
    const session = await vendor.waitForSession(0, 5000)
    const { call_id: callId } = await stage.onlyCall()
    const path = `/webhook/status?kind=connect&call=${callId}`
    await stage.request(path, form(`CallSid=${call.sid}&CallStatus=in-progress`))
    await eventually('it is closed', () => Promise.resolve(session.closedAt !== null))
    call.hangUp()
    await call.waitForEnd()
  },
)

const start = async (stage: Stage) => {
  const body = { phone_number: '+4930900111', provider: 'twilio', answer_with: 'order-ivr' }
  const answer = await stage.request('/api/calls/start', json(body))
  return (await answer.json()) as CallView
}

t.test('one that Twilio never had is not taken for the one before it', async (t) => {
  const lookUp = { everyMs: 20, searchMs: [50, 100] }
  const stage = await openStage(t, { config: { twilioTiming: { lookUp } } })
  stage.twilio.script('+4930900111', { outcome: 'busy' })
  const first = await start(stage)
  t.match(await stage.ended(first.call_id), { outcome: 'busy' })
  stage.twilio.failRest({ kind: 'not-processed' }, { of: 'calls.create' })
  const second = await start(stage)
  t.match(await stage.ended(second.call_id), {
    outcome: 'failed',
    termination: { reason: 'provider-failed' },
  })
})

const DENIED: TwilioAnswer<never> = {
  kind: 'refused',
  error: new AppError('PROVIDER_NOT_CONFIGURED', 'Twilio does not take the key.'),
}

t.test(
  'Twilio speaks no more: places come back, and no call is longer than it may be',
  async (t) => {
    const logger = createLogger('silent')
    const time = { now: 1_000_000 }
    const clock = { ...createClock(), now: () => epochMs(time.now) }
    const book = new CallBook()
    const released: CallId[] = []
    const deps = {
      logger,
      clock,
      events: { publish: () => undefined, subscribe: () => () => undefined },
      store: { change: () => Promise.resolve() } as never,
      mint: undefined,
    }
    const add = (isAnswered: boolean): TwilioCall => {
      const callId = newCallId()
      const identity = {
        ...{ callId, from: null, to: '+4930555200', trunk: 'twilio', metadata: {} },
        ...({ direction: 'inbound', provider: 'twilio', createdAt: clock.now() } as const),
      }
      const slot = { agentOver: () => undefined, release: () => released.push(callId) }
      const plan = {
        ...({ answerWith: 'agent', agent: null, answeringMachine: 'off' } as const),
        ...{ ringTimeout: ms(1000), maxDuration: ms(60_000) },
      }
      const call = new TwilioCall(deps, { identity, plan, slot, sid: `CA${book.size}` })
      book.add(call)
      if (isAnswered) call.answered()
      call.askAfter(0)
      return call
    }
    const never = new Promise<TwilioAnswer<VendorCall>>(() => undefined)
    let asked = 0
    const rest = {
      // The first four hang; then the key is taken away.
      getCall: () => (++asked <= 4 ? never : Promise.resolve(DENIED)),
      updateCall: () => Promise.resolve(DENIED),
    } as unknown as TwilioRest
    const store = { findByVendorId: () => Promise.resolve(undefined) }
    for (let index = 0; index < 4; index++) add(false)
    const answered = add(true)
    const lookUp = new LookUp({ book, rest, store, clock, logger }, { everyMs: 5, searchMs: [] })
    t.teardown(() => lookUp.close())
    await eventually('four are asked about', () => Promise.resolve(asked === 4))
    time.now += 61_000
    await eventually('it is ended', () => Promise.resolve(answered.ending !== null))
    t.match(answered.ending, { reason: 'max-duration' })
    const other = new CallBook()
    other.add(answered)
    time.now += 3_600_001
    const again = new LookUp(
      { book: other, rest, store, clock, logger },
      { everyMs: 5, searchMs: [] },
    )
    t.teardown(() => again.close())
    await eventually('its place is free', () =>
      Promise.resolve(released.includes(answered.identity.callId)),
    )
  },
)
