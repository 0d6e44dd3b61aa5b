// Calls whose audio goes through a real FreeSWITCH with our own configuration: what is said is heard, keys arrive, hold
// holds, and nothing is left behind.
import t, { type Test } from 'tap'
import { eventually } from '../support/process.ts'
import { exactFrequency, firstSound } from '../support/audio-compare.ts'
import {
  freeSwitchOptions,
  startFreeSwitch,
  type RunningFreeSwitch,
} from '../support/freeswitch.ts'
import { ended, pathsIn, startWithFreeSwitch } from '../support/freeswitch-product.ts'
import { toneUlaw } from '../../simulators/speech/index.ts'
import type { PhoneScript } from '../../simulators/carrier/index.ts'

t.setTimeout(120_000)
const AGENT = {
  firstMessage: { sound: { ulaw: toneUlaw(1000, 800) } },
  mode: 'silent',
  interruptible: false,
} as const
const TALK: PhoneScript = [
  { hearUntilQuiet: 400, maxMs: 5000 },
  { say: { tone: 440, ms: 800 } },
  { listen: 200 },
]
const TALK_AND_PRESS: PhoneScript = [...TALK, { press: '42' }, { listen: 400 }, { hangUp: true }]

function hears(t: Test, audio: Uint8Array, hz: number, who: string): void {
  const frequency = exactFrequency(firstSound(audio), hz)
  t.ok(Math.abs(frequency - hz) <= 2, `${who} hears ${frequency.toFixed(1)} of ${hz} Hz`)
}

async function isEmpty(t: Test, freeSwitch: RunningFreeSwitch): Promise<void> {
  await eventually('no channel in FreeSWITCH', 5000, async () =>
    (await freeSwitch.api('show channels count')).includes('0 total'),
  )
  t.pass('FreeSWITCH has no channel left')
}

t.test('FreeSWITCH carries the audio of an anchored trunk', freeSwitchOptions, async (t) => {
  const freeSwitch = await startFreeSwitch(t)
  const product = await startWithFreeSwitch(t, freeSwitch, { media: 'anchored' }, AGENT)
  const sessionOf = (callId: string) => product.sessionsOf(callId)[0]

  await t.test('a call that comes in', async (t) => {
    const phone = await ended(await product.callIn(TALK_AND_PRESS))
    const [call] = await product.view.allEnded(1)
    hears(t, phone.rtpIn.audio, 1000, 'the caller')
    hears(t, sessionOf(String(call?.call_id))?.callerAudio ?? new Uint8Array(), 440, 'the agent')
    const timeline = await product.view.timeline(String(call?.call_id))
    t.same(pathsIn(timeline), ['media-server'])
    t.equal(timeline.filter(({ type }) => type === 'dtmf').length, 2, 'both keys arrived')
    t.same(phone.protocolErrors, [])
  })

  await t.test('a call that goes out', async (t) => {
    const { callId, phone } = await product.callOut('+4930123401', TALK_AND_PRESS)
    await ended(phone)
    await product.view.ended(callId)
    hears(t, phone.rtpIn.audio, 1000, 'the callee')
    hears(t, sessionOf(callId)?.callerAudio ?? new Uint8Array(), 440, 'the agent')
    const timeline = await product.view.timeline(callId)
    t.same(pathsIn(timeline), ['media-server'])
    t.equal(timeline.filter(({ type }) => type === 'dtmf').length, 2, 'both keys arrived')
    t.same(phone.protocolErrors, [])
  })

  await t.test('hold, resume and another codec', async (t) => {
    const phone = await product.callIn([
      { hold: 'sendonly' },
      { listen: 400 },
      { resume: true },
      { changeCodecs: ['PCMA'] },
      ...TALK,
      { hangUp: true },
    ])
    await ended(phone)
    const [call] = await product.view.allEnded(3)
    hears(t, sessionOf(String(call?.call_id))?.callerAudio ?? new Uint8Array(), 440, 'the agent')
    t.same(phone.protocolErrors, [])
  })

  await product.idle()
  await isEmpty(t, freeSwitch)
})

t.test(
  'FreeSWITCH takes over calls of other trunks, and gives them back',
  freeSwitchOptions,
  async (t) => {
    const freeSwitch = await startFreeSwitch(t)
    const product = await startWithFreeSwitch(t, freeSwitch, {}, AGENT)

    await t.test('after the answer, by a re-INVITE', async (t) => {
      const { callId, phone } = await product.callOut('+4930123402', [...TALK, { hangUp: true }])
      await ended(phone)
      await product.view.ended(callId)
      hears(t, phone.rtpIn.audio, 1000, 'the callee')
      hears(t, product.sessionsOf(callId)[0]?.callerAudio ?? new Uint8Array(), 440, 'the agent')
      t.same(pathsIn(await product.view.timeline(callId)), ['media-server'])
      t.same(phone.protocolErrors, [])
    })

    await t.test('FreeSWITCH killed in mid-call: the call goes on without it', async (t) => {
      const { callId, phone } = await product.callOut('+4930123403', [
        { wait: 2500 },
        { say: { tone: 440, ms: 800 } },
        { listen: 200 },
        { hangUp: true },
      ])
      const paths = async () => pathsIn(await product.view.timeline(callId))
      await eventually('audio through FreeSWITCH', 3000, async () => (await paths()).length === 1)
      await freeSwitch.kill()
      await ended(phone)
      t.match(await product.view.ended(callId), {
        outcome: 'answered',
        termination: { reason: 'hangup' },
      })
      hears(t, product.sessionsOf(callId)[0]?.callerAudio ?? new Uint8Array(), 440, 'the agent')
      t.same(await paths(), ['media-server', 'direct'])
      t.ok((await product.view.timeline(callId)).some(({ type }) => type === 'media.server_lost'))
    })

    await t.test('while it is away, calls come straight to us', async (t) => {
      const { callId, phone } = await product.callOut('+4930123404', [...TALK, { hangUp: true }])
      await ended(phone)
      await product.view.ended(callId)
      hears(t, phone.rtpIn.audio, 1000, 'the callee')
      t.same(pathsIn(await product.view.timeline(callId)), [])
    })

    await t.test('when it is back, it is used again', async (t) => {
      await freeSwitch.restart()
      await eventually('the connection', 15_000, () => product.connections() === 2)
      const phone = await ended(await product.callIn([...TALK, { hangUp: true }]))
      const [call] = await product.view.allEnded(4)
      hears(t, phone.rtpIn.audio, 1000, 'the caller')
      t.same(pathsIn(await product.view.timeline(String(call?.call_id))), ['media-server'])
    })

    await product.idle()
    await isEmpty(t, freeSwitch)
  },
)
