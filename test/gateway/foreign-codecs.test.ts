// Offers and answers of programs we did not write: what is agreed with them, and the keys they tell.
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { baresipOptions, startBaresip } from '../support/baresip.ts'
import { eventually } from '../support/process.ts'
import { runSipp, sippOptions, succeeds } from '../support/sipp.ts'
import { openGatewayStage } from './gateway-stage.ts'

const A_LAW = { codec: 'PCMA', payloadType: 8 }
const U_LAW = { codec: 'PCMU', payloadType: 0 }
const NOWHERE = '127.0.0.1:9'
const QUIET = Buffer.alloc(8 * 10_000, 0xff)

t.test('SIPp speaks A-law alone, presses keys, and changes to µ-law', sippOptions, async (t) => {
  const stage = await openGatewayStage(t, NOWHERE)
  const target = stage.address
  const sipp = await runSipp(t, { scenario: 'a-law-call-in', target, args: ['-d', '300'] })
  const media = await stage.media()
  await eventually('the first description', 3000, () => media.remote)
  t.match(media.remote, {
    formats: [A_LAW],
    telephoneEventType: 101,
    signallingAddress: '127.0.0.1',
  })
  await succeeds(t, sipp)
  t.same(media.remote?.formats, [U_LAW])
  t.equal(media.remote?.telephoneEventType, null)
  t.same(
    media.did.filter((what) => what.startsWith('pressed')),
    ['pressed 5', 'pressed #'],
  )
  const [sipCallId = ''] = stage.recorded.flatMap(({ type, data }) =>
    type === 'sip.invite' ? [data.sipCallId] : [],
  )
  const { messages } = await stage.sip.trace(sipCallId)
  const keys = messages.filter(({ text }) => text.startsWith('INFO'))
  t.equal(keys.length, 3)
  t.notMatch(JSON.stringify(keys), /Signal=5|\\n#/)
  t.match(keys[0]?.text, /\(masked\)\r\nDuration=160/)
  t.notMatch(stage.log.join(''), /Signal|dtmf/i)
  t.notMatch(JSON.stringify(stage.recorded), /dtmf|pressed/)
})

t.test('SIPp offers nothing and takes A-law of what we offer', sippOptions, async (t) => {
  const stage = await openGatewayStage(t, NOWHERE)
  const target = stage.address
  const sipp = await runSipp(t, { scenario: 'a-law-delayed-offer', target, args: ['-d', '300'] })
  await succeeds(t, sipp)
  t.match((await stage.media()).remote, { formats: [A_LAW], telephoneEventType: 101 })
})

t.test('SIPp is called and answers A-law, keys by a number of its own', sippOptions, async (t) => {
  const sipp = await runSipp(t, { scenario: 'a-law-called' })
  const stage = await openGatewayStage(t, `127.0.0.1:${sipp.port}`)
  await stage.place('+4930123456')
  const media = await stage.media()
  await eventually('the answer', 3000, () => media.did.includes('open'))
  t.match(media.remote, { formats: [A_LAW], telephoneEventType: 97, port: sipp.mediaPort })
  media.agentClosed('agent-ended')
  await succeeds(t, sipp)
})

t.test('no codec of ours is 488', sippOptions, async (t) => {
  const stage = await openGatewayStage(t, NOWHERE)
  await succeeds(t, await runSipp(t, { scenario: 'no-codec', target: stage.address }))
  t.notOk(stage.recorded.some(({ type }) => type === 'sip.answered'))
})

/** Payload types that came, each once. */
const typesIn = (rtp: readonly Buffer[]): number[] => [
  ...new Set(rtp.map((packet) => packet.readUInt8(1) & 0x7f)),
]

t.test('baresip with A-law calls in, and its keys come in RTP', baresipOptions, async (t) => {
  const stage = await openGatewayStage(t, NOWHERE)
  const phone = await startBaresip(t, QUIET, { codec: 'PCMA' })
  phone.dial(`sip:agent@${stage.address}`)
  await phone.event('CALL_ESTABLISHED', 5000)
  const media = await stage.media()
  t.match(media.remote, { formats: [A_LAW] })
  const eventType = media.remote?.telephoneEventType
  t.ok(typeof eventType === 'number', `keys go by ${eventType}`)
  await sleep(300)
  phone.press('5')
  await eventually('a key', 3000, () => typesIn(stage.rtp).includes(Number(eventType)))
  t.same(
    typesIn(stage.rtp).sort((one, other) => one - other),
    [8, eventType],
  )
  phone.hangUp()
  await eventually('the end', 3000, () => stage.recorded.some(({ type }) => type === 'call.ended'))
})

t.test('baresip with A-law is called and answers', baresipOptions, async (t) => {
  const number = '+4930123456'
  const phone = await startBaresip(t, QUIET, { codec: 'PCMA', number })
  const stage = await openGatewayStage(t, `127.0.0.1:${phone.port}`)
  await stage.place(number)
  await phone.event('CALL_ESTABLISHED', 5000)
  const media = await stage.media()
  await eventually('the answer', 3000, () => media.did.includes('open'))
  t.match(media.remote, { formats: [A_LAW], telephoneEventType: 101 })
  await eventually('audio', 3000, () => typesIn(stage.rtp).includes(8))
  media.agentClosed('agent-ended')
  await phone.event('CALL_CLOSED', 5000)
})
