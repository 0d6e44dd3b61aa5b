// What only a media server speaks: a softphone with SRTP and Opus calls in and talks to an agent that hears G.711. When
// FreeSWITCH dies, such a call ends; while it is away, none is taken or placed.
import t from 'tap'
import { setTimeout as sleep } from 'node:timers/promises'
import { exactFrequency, firstSound } from '../support/audio-compare.ts'
import { baresipOptions, startBaresip } from '../support/baresip.ts'
import { freeSwitchOptions, startFreeSwitch } from '../support/freeswitch.ts'
import { startWithFreeSwitch } from '../support/freeswitch-product.ts'
import { eventually } from '../support/process.ts'
import { toneUlaw } from '../../simulators/speech/index.ts'

// FreeSWITCH takes seconds to start.
t.setTimeout(90_000)

const AGENT = {
  firstMessage: { sound: { ulaw: toneUlaw(1000, 800) } },
  mode: 'silent',
  interruptible: false,
} as const
const OPTIONS = { ...freeSwitchOptions, ...baresipOptions }
const TRUNK = { media: 'anchored', srtp: 'required', codecs: ['opus', 'PCMU'] } as const
const NO_PLACE = /503/
/** What baresip writes down has holes of its own, of a frame, where this machine is busy: a second of tone then counts less. */
const SOFTPHONE_HZ = 40

t.test('FreeSWITCH speaks SRTP and Opus for an agent', OPTIONS, async (t) => {
  const freeSwitch = await startFreeSwitch(t)
  const product = await startWithFreeSwitch(t, freeSwitch, TRUNK, AGENT)
  const number = `sip:+4930555100@${product.sipHost}:${product.sipPort}`
  const agentHeard = (callId: string) =>
    product.sessionsOf(callId)[0]?.callerAudio ?? new Uint8Array()

  await t.test('audio and keys go through', async (t) => {
    const phone = await startBaresip(t, toneUlaw(440, 8000), { codec: 'opus', srtp: true })
    phone.dial(number)
    await phone.event('CALL_ESTABLISHED', 5000)
    const leg = await eventually('a secured leg', 3000, async () =>
      (await freeSwitch.api('show channels'))
        .split('\n')
        .find((line) => line.includes('srtp:sdes')),
    )
    t.match(leg, /,opus,48000,/)
    await sleep(1500)
    phone.press('5')
    await sleep(1000)
    phone.hangUp()
    const [call] = await product.view.allEnded(1)
    const timeline = await product.view.timeline(String(call?.call_id))
    t.equal(timeline.filter(({ type }) => type === 'dtmf').length, 1, 'a key arrives')
    const agentSide = exactFrequency(firstSound(agentHeard(String(call?.call_id))), 440)
    t.ok(Math.abs(agentSide - 440) <= 2, `the agent hears ${agentSide.toFixed(1)} of 440 Hz`)
    const phoneSide = exactFrequency(firstSound(phone.heard()), 1000)
    t.ok(
      Math.abs(phoneSide - 1000) <= SOFTPHONE_HZ,
      `the phone hears ${phoneSide.toFixed(1)} of 1000 Hz`,
    )
  })

  await t.test('plain RTP is refused', async (t) => {
    const phone = await startBaresip(t, toneUlaw(440, 1000))
    phone.dial(number)
    t.match((await phone.event('CALL_CLOSED', 5000)).param, /488/)
  })

  await t.test('FreeSWITCH killed in mid-call: the call ends', async (t) => {
    const phone = await startBaresip(t, toneUlaw(440, 8000), { codec: 'opus', srtp: true })
    phone.dial(number)
    await phone.event('CALL_ESTABLISHED', 5000)
    await freeSwitch.kill()
    await phone.event('CALL_CLOSED', 3000)
    const [call] = await product.view.allEnded(3)
    const ending = { result: 'server_error', reason: 'media-server-lost', by: 'gateway' }
    t.match(call?.termination, ending)
    const timeline = await product.view.timeline(String(call?.call_id))
    t.ok(timeline.some(({ type }) => type === 'media.server_lost'))
  })

  await t.test('while it is away, calls are refused and no phone rings', async (t) => {
    const phone = await startBaresip(t, toneUlaw(440, 1000), { codec: 'opus', srtp: true })
    phone.dial(number)
    t.match((await phone.event('CALL_CLOSED', 5000)).param, NO_PLACE)
    const { status, body } = await product.view.start({ phone_number: '+4930123405' })
    t.match({ status, code: body['code'] }, { status: 503, code: 'MEDIA_SERVER_FAILED' })
    t.notOk(product.carrier.calls.some(({ to }) => to === '+4930123405'))
  })

  await product.idle()
})

t.test('FreeSWITCH speaks SRTP and Opus with a phone that is called', OPTIONS, async (t) => {
  const freeSwitch = await startFreeSwitch(t)
  const number = '+4930123406'
  const phone = await startBaresip(t, toneUlaw(440, 8000), { codec: 'opus', srtp: true, number })
  const trunk = { ...TRUNK, trunkDomain: `127.0.0.1:${phone.port}` }
  const product = await startWithFreeSwitch(t, freeSwitch, trunk, AGENT)
  const callId = await product.view.place(number)
  await phone.event('CALL_ESTABLISHED', 5000)
  await sleep(2500)
  phone.hangUp()
  await product.view.ended(callId)
  const agentHeard = product.sessionsOf(callId)[0]?.callerAudio ?? new Uint8Array()
  const agentSide = exactFrequency(firstSound(agentHeard), 440)
  t.ok(Math.abs(agentSide - 440) <= 2, `the agent hears ${agentSide.toFixed(1)} of 440 Hz`)
  // Its key came by a re-INVITE after the answer.
  const phoneSide = exactFrequency(firstSound(phone.heard()), 1000)
  t.ok(
    Math.abs(phoneSide - 1000) <= SOFTPHONE_HZ,
    `the phone hears ${phoneSide.toFixed(1)} of 1000 Hz`,
  )
  await product.idle()
})
