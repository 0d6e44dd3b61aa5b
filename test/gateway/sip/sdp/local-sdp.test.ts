import t from 'tap'
import { writeAnswer, writeOffer } from '../../../../gateway/sip/sdp/local-sdp.ts'
import { decodeRemoteSdp } from '../../../../gateway/sip/sdp/remote-sdp.ts'
import { mediaOf, OURS, sdp } from './a-description.ts'

const answerTo = (...lines: string[]): string[] => mediaOf(writeAnswer(OURS, sdp(...lines)))

t.test('our offer: both laws, keys, 20 ms, and nothing about RTCP', async (t) => {
  const offer = writeOffer(OURS)
  t.same(mediaOf(offer), [
    'm=audio 20000 RTP/AVP 0 8 101',
    'a=rtpmap:0 PCMU/8000',
    'a=rtpmap:8 PCMA/8000',
    'a=rtpmap:101 telephone-event/8000',
    'a=fmtp:101 0-16',
    'a=ptime:20',
    'a=sendrecv',
  ])
  t.match(decodeRemoteSdp(offer, { family: 4, role: 'offer' }), {
    kind: 'audio',
    rtp: { port: 20000, telephoneEventType: 101, rtcpPort: 20001 },
  })
})

t.test('an answer takes the first codec of the offer that is ours, by its number', async (t) => {
  const rows: [string, string[], string][] = [
    ['A-law first', ['8 0'], '8'],
    ['µ-law first', ['0 8'], '0'],
    ['behind others', ['9 18 8 0'], '8'],
    ['on a dynamic type', ['96', 'a=rtpmap:96 pcma/8000'], '96'],
    ['keys', ['8 0 97', 'a=rtpmap:97 telephone-event/8000'], '8 97'],
    ['keys of another rate', ['8 97', 'a=rtpmap:97 telephone-event/16000'], '8'],
    ['comfort noise', ['8 13'], '8 13'],
    ['13 mapped away', ['8 13', 'a=rtpmap:13 G729/8000'], '8'],
    ['all of it', ['8 0 13 101', 'a=rtpmap:101 telephone-event/8000'], '8 13 101'],
  ]
  for (const [name, [types, ...lines], accepted] of rows)
    t.equal(
      answerTo(`m=audio 4000 RTP/AVP ${types}`, ...lines)[0],
      `m=audio 20000 RTP/AVP ${accepted}`,
      name,
    )
  t.same(answerTo('m=audio 4000 RTP/AVP 8 13 97', 'a=rtpmap:97 telephone-event/8000').slice(1), [
    'a=rtpmap:8 PCMA/8000',
    'a=rtpmap:13 CN/8000',
    'a=rtpmap:97 telephone-event/8000',
    'a=fmtp:97 0-15',
    'a=ptime:20',
    'a=sendrecv',
  ])
})

t.test('the hook flash only where it was offered', async (t) => {
  const events = (...fmtp: string[]) =>
    answerTo('m=audio 4000 RTP/AVP 0 101', 'a=rtpmap:101 telephone-event/8000', ...fmtp).find(
      (line) => line.startsWith('a=fmtp'),
    )
  t.equal(events('a=fmtp:101 0-16'), 'a=fmtp:101 0-16')
  t.equal(events('a=fmtp:101 0-15'), 'a=fmtp:101 0-15')
  t.equal(events('a=fmtp:101 16'), 'a=fmtp:101 0-15', 'a lone number is no text to the parser')
  t.equal(events(), 'a=fmtp:101 0-15')
})

t.test('a shared port for RTCP is agreed to when it is offered, and never offered', async (t) => {
  t.ok(answerTo('m=audio 4000 RTP/AVP 0', 'a=rtcp-mux').includes('a=rtcp-mux'))
  t.notOk(answerTo('m=audio 4000 RTP/AVP 0', 'a=rtcp:5005').some((line) => /rtcp/.test(line)))
})

t.test('an answer keeps the order of the offer and refuses every other stream', async (t) => {
  const lines = answerTo(
    'm=video 5000 RTP/AVP 99',
    'm=audio 4000 RTP/AVPF 8',
    'a=recvonly',
    'm=audio 4002 RTP/AVP 0',
  )
  t.same(
    lines.filter((line) => line.startsWith('m=')),
    ['m=video 0 RTP/AVP 99', 'm=audio 20000 RTP/AVPF 8', 'm=audio 0 RTP/AVP 0'],
  )
  t.ok(lines.includes('a=sendonly'))
})

t.test('a hold is mirrored, however it was said', async (t) => {
  const rows: [string[], string][] = [
    [['a=sendonly', 'm=audio 4000 RTP/AVP 0'], 'a=recvonly'],
    [['m=audio 4000 RTP/AVP 0', 'c=IN IP4 0.0.0.0'], 'a=recvonly'],
    [['m=audio 4000 RTP/AVP 0', 'a=inactive'], 'a=inactive'],
    [['m=audio 4000 RTP/AVP 0'], 'a=sendrecv'],
  ]
  for (const [offer, direction] of rows) t.ok(answerTo(...offer).includes(direction), direction)
})

t.test('a later offer of ours keeps the lines and the numbers of the session', async (t) => {
  const said = writeAnswer(
    OURS,
    sdp(
      'm=video 5000 RTP/AVP 99',
      'm=audio 4000 RTP/AVPF 8 97',
      'a=rtpmap:97 telephone-event/8000',
    ),
  )
  const again = mediaOf(writeOffer(OURS, said))
  t.same(
    again.filter((line) => line.startsWith('m=')),
    ['m=video 0 RTP/AVP 99', 'm=audio 20000 RTP/AVPF 0 8 97'],
  )
  t.ok(again.includes('a=fmtp:97 0-16'))
})

t.test('codecs of one trunk: offered in its order, and no others taken', async (t) => {
  const only = { ...OURS, codecs: ['PCMA'] as const }
  const both = { ...OURS, codecs: ['PCMA', 'PCMU'] as const }
  t.equal(mediaOf(writeOffer(only))[0], 'm=audio 20000 RTP/AVP 8 101')
  t.equal(mediaOf(writeOffer(both))[0], 'm=audio 20000 RTP/AVP 8 0 101')
  const offer = sdp('m=audio 4000 RTP/AVP 0 8', 'm=audio 4002 RTP/AVP 0')
  t.match(mediaOf(writeAnswer(only, offer)), ['m=audio 20000 RTP/AVP 8'])
  t.equal(mediaOf(writeAnswer(both, offer))[0], 'm=audio 20000 RTP/AVP 0', 'the offer’s order')
  const context = { family: 4, role: 'offer', codecs: ['PCMA'] } as const
  t.match(decodeRemoteSdp(offer, context), {
    kind: 'audio',
    rtp: { formats: [{ codec: 'PCMA', payloadType: 8 }] },
  })
  t.match(decodeRemoteSdp(sdp('m=audio 4000 RTP/AVP 0'), context), { kind: 'unusable' })
  t.match(decodeRemoteSdp(sdp('m=audio 4000 RTP/AVP 8'), { ...context, role: 'answer' }), {
    rtp: { formats: [{ codec: 'PCMA', payloadType: 8 }] },
  })
})
