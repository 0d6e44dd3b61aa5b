// What else becomes of a call of Twilio: its recording, a human, the end of this process, and a caller nobody can take.
import t from 'tap'
import { ms, type CallId } from '../../../core/contracts/index.ts'
import { AppError } from '../../../core/errors/index.ts'
import { waitUntil } from '../../../core/lifecycle/index.ts'
import { startElevenLabs } from '../../../simulators/elevenlabs/index.ts'
import { eventually, json } from '../../support/build-app.ts'
import { HUMAN, openStage } from './stage.ts'

t.jobs = 3

const settings = (recordCalls: 'off' | 'after-consent' | 'always') => ({
  recordCalls,
  limits: {
    maxConcurrentCalls: 1,
    maxOutboundCallsPerSecond: 1,
    maxInboundCallsPerSecond: 1,
    agentMaxSessions: undefined,
  },
  dialAllowPrefixes: [],
  vendors: { elevenlabs: false, twilio: true },
})

t.test('recorded from the consent on; fetched, served, and deleted there', async (t) => {
  const stage = await openStage(t, { config: { settings: settings('always') } })
  const call = stage.twilio.callIn({
    voiceUrl: stage.voiceUrl,
    statusCallback: stage.statusUrl,
    script: { keys: ['1', { press: '4711#', afterMs: 200 }, '1', '2'] },
  })
  await call.waitForEnd()
  const [voice, consent] = call.webhooks.filter(({ kind }) => kind === 'voice')
  t.notMatch(voice?.body, /Recording/, 'not before')
  t.match(consent?.body, /<Start><Recording/)
  t.equal(call.recordings.length, 1)
  const { call_id: callId } = await stage.onlyCall()
  const path = `/api/calls/${callId}`
  await eventually(
    'it is stored',
    async () => (await stage.find<{ has_recording: boolean }>(path)).has_recording,
  )
  const audio = await stage.request(`${path}/recording`)
  t.equal(audio.status, 200)
  t.equal(Buffer.from(await audio.arrayBuffer()).toString('latin1', 0, 4), 'RIFF')
  await eventually('it is deleted there', () =>
    Promise.resolve(
      stage.twilio.restRequests.some(({ method, status }) => method === 'DELETE' && status === 204),
    ),
  )
  const isIdle = async () => {
    const states = ['waiting', 'running'].map((state) =>
      stage.find<{ items: { kind: string }[] }>(`/api/jobs?state=${state}`),
    )
    const jobs = (await Promise.all(states)).flatMap(({ items }) => items)
    return jobs.every(({ kind }) => kind !== 'twilio.recording')
  }
  await eventually('all is done', isIdle)
  const toldAgain = call.webhooks.filter(({ params }) => params['RecordingStatus'] === 'completed')
  t.equal(toldAgain.length, 1)
  for (const webhook of toldAgain) await stage.twilio.replay(webhook)
  await eventually('told again, and nothing is left to do', isIdle)
  const story = stage.story(callId as CallId)
  t.ok(story.indexOf('consent.given') < story.indexOf('recording.started'))
  const { items } = await stage.find<{ items: { type: string }[] }>(`${path}/timeline`)
  t.ok(items.some(({ type }) => type === 'recording.stored'))
  t.same(call.alerts, [])
})

t.test('no consent, or RECORD_CALLS=off: nothing is recorded', async (t) => {
  for (const [policy, keys] of [
    ['always', ['2']],
    ['off', ['1', '4711#', '1', '2']],
  ] as const) {
    const stage = await openStage(t, { config: { settings: settings(policy) } })
    const call = stage.twilio.callIn({ voiceUrl: stage.voiceUrl, script: { keys } })
    await call.waitForEnd()
    t.equal(call.recordings.length, 0, policy)
  }
})

t.test('by hand: started, paused and resumed where RECORD_CALLS allows it', async (t) => {
  const stage = await openStage(t, { config: { settings: settings('after-consent') } })
  const call = stage.twilio.callIn({ voiceUrl: stage.voiceUrl, script: { keys: ['1'] } })
  await call.waitForGather(1)
  const { call_id: callId } = await stage.onlyCall()
  const act = async (action: string) =>
    (await stage.request(`/api/calls/${callId}/recording/${action}`, { method: 'POST' })).status
  await eventually('it runs', () =>
    Promise.resolve(stage.story(callId as CallId).includes('recording.started')),
  )
  t.equal(await act('pause'), 202)
  await eventually('it is paused', () => Promise.resolve(call.recordings[0]?.status === 'paused'))
  t.equal(await act('resume'), 202)
  await eventually('it runs again', () =>
    Promise.resolve(call.recordings[0]?.status === 'in-progress'),
  )
  call.hangUp()
  await call.waitForEnd()
})

t.test('key 0: a human’s phone rings; when nobody picks up the menu goes on', async (t) => {
  for (const [outcome, reason, goesOn] of [
    ['completed', 'transferred', []],
    ['no-answer', 'flow-ended', ['1', '4711#', '1', '2']],
  ] as const) {
    const stage = await openStage(t)
    const call = stage.twilio.callIn({
      voiceUrl: stage.voiceUrl,
      statusCallback: stage.statusUrl,
      script: { keys: ['1', '0', ...goesOn], onDial: () => ({ outcome }) },
    })
    await call.waitForEnd()
    const { call_id: callId } = await stage.onlyCall()
    const view = await stage.ended(callId)
    t.match(view.termination, { reason }, outcome)
    const story = stage.story(callId as CallId)
    t.ok(story.includes('transfer.requested'))
    t.ok(story.includes(outcome === 'completed' ? 'transfer.answered' : 'transfer.failed'))
    const dialled = call.log.flatMap((one) => (one.type === 'dial' ? one.dial.numbers : []))
    t.ok(dialled.includes(HUMAN))
  }
})

t.test('a number that may not ring is not dialled', async (t) => {
  const stage = await openStage(t)
  const call = stage.twilio.callIn({ voiceUrl: stage.voiceUrl, statusCallback: stage.statusUrl })
  await call.waitForGather(0)
  const control = stage.control as unknown as { admit: () => never }
  control.admit = () => {
    throw new AppError('NUMBER_NOT_ALLOWED', 'not that one')
  }
  await call.press('0')
  await call.waitForGather(1)
  t.notOk(call.log.some(({ type }) => type === 'dial'))
  const { call_id: callId } = await stage.onlyCall()
  const to = { to: '+4930555999' }
  const answer = await stage.request(`/api/calls/${callId}/transfer`, json(to))
  t.equal(answer.status, 403)
  call.hangUp()
  await call.waitForEnd()
})

t.test('by the API: out of the talk with the agent', async (t) => {
  const vendor = await startElevenLabs()
  t.teardown(() => vendor.close())
  const stage = await openStage(t, { agents: vendor, twilio: { answerWith: 'agent' } })
  const call = stage.twilio.callIn({ voiceUrl: stage.voiceUrl, statusCallback: stage.statusUrl })
  await call.waitForStream()
  const session = await vendor.waitForSession(0, 5000)
  const { call_id: callId } = await stage.onlyCall()
  const to = { to: '+4930555999' }
  const ofSip = { role: 'operator', budget: { trunks: ['rehearsal'], calls_per_day: 1 } }
  const made = (await (await stage.request('/api/keys', json(ofSip))).json()) as { key: string }
  for (const attempt of ['first', 'second']) {
    const by = json(to, { authorization: `Bearer ${made.key}` })
    const refused = await stage.request(`/api/calls/${callId}/transfer`, by)
    t.equal(refused.status, 403, `a key of other trunks, the ${attempt} time`)
    t.match(await refused.json(), { code: 'DIAL_NOT_ALLOWED' }, 'nothing is counted')
  }
  const answer = await stage.request(`/api/calls/${callId}/transfer`, json(to))
  t.equal(answer.status, 202)
  const view = await stage.ended(callId)
  t.match(view.termination, { result: 'success', reason: 'transferred' })
  t.ok(session.closedAt)
  const story = stage.story(callId as CallId)
  t.ok(story.indexOf('agent.closed') < story.indexOf('transfer.answered'))
})

t.test('who cannot be taken hears busy; while we drain Twilio is sent elsewhere', async (t) => {
  const stage = await openStage(t)
  const admit = stage.control.admit.bind(stage.control)
  const control = stage.control as unknown as { admit: () => unknown }
  control.admit = () => {
    throw new AppError('CAPACITY_EXHAUSTED', 'full')
  }
  const call = stage.twilio.callIn({ voiceUrl: stage.voiceUrl })
  await call.waitForEnd()
  t.match(call.webhooks[0]?.body, /<Reject reason="busy"\/>/)
  t.equal(call.status, 'busy')
  control.admit = admit as () => unknown
  void stage.api.drainCalls(ms(100))
  const later = stage.twilio.callIn({ voiceUrl: stage.voiceUrl, script: {} })
  await later.waitForEnd()
  t.equal(later.webhooks[0]?.status, 503)
  t.match(later.webhooks[0]?.body, /"code":"DRAINING"/)
})

t.test('the end of the process: agents first; a menu waits for the next start', async (t) => {
  const vendor = await startElevenLabs()
  t.teardown(() => vendor.close())
  const stage = await openStage(t, { agents: vendor, twilio: { answerWith: 'agent' } })
  const call = stage.twilio.callIn({ voiceUrl: stage.voiceUrl, statusCallback: stage.statusUrl })
  await call.waitForStream()
  const session = await vendor.waitForSession(0, 5000)
  const { call_id: callId } = await stage.onlyCall()
  await stage.api.endCalls()
  t.ok(await waitUntil(() => session.closedAt !== null, ms(1000), 5), 'the vendor noted its end')
  t.match((await stage.ended(callId)).termination, { result: 'server_error', reason: 'shutdown' })
  t.equal(call.status, 'completed')
  const menu = await openStage(t)
  const waiting = menu.twilio.callIn({ voiceUrl: menu.voiceUrl, statusCallback: menu.statusUrl })
  await waiting.waitForGather(0)
  await menu.api.endCalls()
  t.not((await menu.onlyCall()).status, 'ended')
  waiting.hangUp()
  await waiting.waitForEnd()
})
