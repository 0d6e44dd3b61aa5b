import t from 'tap'
import { decodeRemoteSdp, writeAnswer, writeOffer } from '../../../gateway/sip/sdp.ts'

const description = { local: { address: '127.0.0.1', port: 20000 }, sessionId: 7, version: 1 }
const sdp = (...lines: string[]) =>
  ['v=0', 'o=- 1 1 IN IP4 192.0.2.1', 's=-', 'c=IN IP4 192.0.2.1', 't=0 0', ...lines, ''].join(
    '\r\n',
  )

t.test('our offer is one PCMU stream of 20 ms packets', async (t) => {
  const offer = writeOffer(description)
  t.match(offer, /m=audio 20000 RTP\/AVP 0\r\n/)
  t.match(offer, /a=rtpmap:0 PCMU\/8000\r\n/)
  t.match(offer, /a=ptime:20\r\n/)
  t.match(decodeRemoteSdp(offer, 4), {
    kind: 'audio',
    rtp: { address: '127.0.0.1', port: 20000, payloadType: 0 },
  })
})

t.test('what the far end says is read as it is meant', async (t) => {
  const rows: [string, string, object][] = [
    [
      'static PCMU without rtpmap',
      sdp('m=audio 4000 RTP/AVP 8 0'),
      { kind: 'audio', rtp: { payloadType: 0, port: 4000 } },
    ],
    [
      'PCMU on a dynamic type',
      sdp('m=audio 4000 RTP/AVP 96', 'a=rtpmap:96 pcmu/8000'),
      { rtp: { payloadType: 96 } },
    ],
    [
      'address of the stream wins',
      sdp('m=audio 4000 RTP/AVP 0', 'c=IN IP4 192.0.2.9'),
      { rtp: { address: '192.0.2.9' } },
    ],
    [
      'hold by sendonly',
      sdp('m=audio 4000 RTP/AVP 0', 'a=sendonly'),
      { sends: true, rtp: { receives: false } },
    ],
    [
      'second stream is the usable one',
      sdp('m=video 5000 RTP/AVP 99', 'm=audio 4000 RTP/AVP 0'),
      { rtp: { port: 4000 } },
    ],
    [
      'only A-law',
      sdp('m=audio 4000 RTP/AVP 8'),
      { kind: 'unusable', why: 'no plain RTP audio stream with PCMU' },
    ],
    ['encrypted only', sdp('m=audio 4000 RTP/SAVP 0'), { kind: 'unusable' }],
    ['refused stream', sdp('m=audio 0 RTP/AVP 0'), { kind: 'unusable' }],
    [
      'name instead of an address',
      sdp('m=audio 4000 RTP/AVP 0', 'c=IN IP4 host.example'),
      { kind: 'unusable' },
    ],
    ['no SDP', '', { kind: 'unusable' }],
    [
      'hold of the whole session',
      sdp('a=sendonly', 'm=audio 4000 RTP/AVP 0'),
      { sends: true, rtp: { receives: false } },
    ],
    [
      'hold the old way',
      sdp('m=audio 4000 RTP/AVP 0', 'c=IN IP4 0.0.0.0'),
      { rtp: { receives: false } },
    ],
    ['inactive', sdp('m=audio 4000 RTP/AVP 0', 'a=inactive'), { sends: false }],
    [
      'A-law stream first, then ours',
      sdp('m=audio 4000 RTP/AVP 8', 'm=audio 4002 RTP/AVP 0'),
      { rtp: { port: 4002 } },
    ],
    ['a codec in digits', sdp('m=audio 4000 RTP/AVP 0', 'a=rtpmap:0 8000'), { kind: 'unusable' }],
    [
      'type 0 mapped to another codec',
      sdp('m=audio 4000 RTP/AVP 0', 'a=rtpmap:0 G729/8000'),
      { kind: 'unusable' },
    ],
    ['type of RTCP', sdp('m=audio 4000 RTP/AVP 72', 'a=rtpmap:72 PCMU/8000'), { kind: 'unusable' }],
    [
      'type beyond seven bits',
      sdp('m=audio 4000 RTP/AVP 200', 'a=rtpmap:200 PCMU/8000'),
      { kind: 'unusable' },
    ],
    ['port beyond 65535', sdp('m=audio 99999 RTP/AVP 0'), { kind: 'unusable' }],
    ['broadcast', sdp('m=audio 4000 RTP/AVP 0', 'c=IN IP4 255.255.255.255'), { kind: 'unusable' }],
    ['multicast', sdp('m=audio 4000 RTP/AVP 0', 'c=IN IP4 224.2.1.1/127'), { kind: 'unusable' }],
    [
      'the other family',
      sdp('m=audio 4000 RTP/AVP 0', 'c=IN IP6 2001:db8::1'),
      { kind: 'unusable' },
    ],
    [
      'a broken media line beside a good one',
      sdp('m=audio 4000 RTP/AVP 0', 'm=?'),
      { kind: 'unusable' },
    ],
    ['garbage', 'v=nonsense\r\nm=audio', { kind: 'unusable' }],
  ]
  for (const [name, text, expected] of rows) t.match(decodeRemoteSdp(text, 4), expected, name)
})

t.test('an answer keeps the order of the offer and refuses every other stream', async (t) => {
  const answer = writeAnswer(
    description,
    sdp('m=video 5000 RTP/AVP 99', 'm=audio 4000 RTP/AVP 8 0', 'a=recvonly'),
  )
  t.match(answer, /m=video 0 RTP\/AVP 99\r\n.*m=audio 20000 RTP\/AVP 0\r\n/s)
  t.match(answer, /a=sendonly/)
})

t.test('a hold is mirrored, however it was said', async (t) => {
  const rows: [string, RegExp][] = [
    [sdp('a=sendonly', 'm=audio 4000 RTP/AVP 0'), /a=recvonly/],
    [sdp('m=audio 4000 RTP/AVP 0', 'c=IN IP4 0.0.0.0'), /a=recvonly/],
    [sdp('m=audio 4000 RTP/AVP 0', 'a=inactive'), /a=inactive/],
    [sdp('m=audio 4000 RTP/AVP 0'), /a=sendrecv/],
  ]
  for (const [offer, direction] of rows) t.match(writeAnswer(description, offer), direction)
})
