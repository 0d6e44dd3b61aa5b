import t from 'tap'
import { decodeRemoteSdp } from '../../../../gateway/sip/sdp/remote-sdp.ts'
import { sdp } from './a-description.ts'

const offer = { family: 4, role: 'offer' } as const
const answer = { family: 4, role: 'answer' } as const

/** What the far end says of its stream; the reason when it is of no use. */
const read = (text: string, context: Parameters<typeof decodeRemoteSdp>[1] = offer) => {
  const remote = decodeRemoteSdp(text, context)
  return remote.kind === 'audio' ? remote.rtp : { why: remote.why }
}

t.test('what the far end says is read as it is meant', async (t) => {
  const rows: [string, string, object][] = [
    ['static types without rtpmap', sdp('m=audio 4000 RTP/AVP 0'), { port: 4000, receives: true }],
    [
      'address of the stream wins',
      sdp('m=audio 4000 RTP/AVP 0', 'c=IN IP4 192.0.2.9'),
      { address: '192.0.2.9' },
    ],
    [
      'hold by sendonly',
      sdp('m=audio 4000 RTP/AVP 0', 'a=sendonly'),
      { sends: true, receives: false },
    ],
    [
      'it only listens',
      sdp('m=audio 4000 RTP/AVP 0', 'a=recvonly'),
      { sends: false, receives: true },
    ],
    [
      'hold of the whole session',
      sdp('a=sendonly', 'm=audio 4000 RTP/AVP 0'),
      { sends: true, receives: false },
    ],
    [
      'hold the old way',
      sdp('m=audio 4000 RTP/AVP 0', 'c=IN IP4 0.0.0.0'),
      { sends: true, receives: false },
    ],
    ['inactive', sdp('m=audio 4000 RTP/AVP 0', 'a=inactive'), { sends: false, receives: false }],
    [
      'second stream is the usable one',
      sdp('m=video 5000 RTP/AVP 99', 'm=audio 4000 RTP/AVP 0'),
      { port: 4000 },
    ],
    [
      'a stream of other codecs first, then ours',
      sdp('m=audio 4000 RTP/AVP 9', 'm=audio 4002 RTP/AVP 8'),
      { port: 4002 },
    ],
    ['feedback profile', sdp('m=audio 4000 RTP/AVPF 0'), { port: 4000 }],
    [
      'packet times change nothing',
      sdp('m=audio 4000 RTP/AVP 0', 'a=ptime:60', 'a=maxptime:10'),
      { port: 4000 },
    ],
  ]
  for (const [name, text, expected] of rows) t.match(read(text), expected, name)
})

t.test('what is of no use says why', async (t) => {
  const none = 'no plain RTP audio stream with PCMU or PCMA'
  const rows: [string, string, string][] = [
    ['no codec of ours', sdp('m=audio 4000 RTP/AVP 9 18'), none],
    ['keys, but no voice', sdp('m=audio 4000 RTP/AVP 101', EVENTS), none],
    ['encrypted only', sdp('m=audio 4000 RTP/SAVP 0'), none],
    ['refused stream', sdp('m=audio 0 RTP/AVP 0'), none],
    ['a codec in digits', sdp('m=audio 4000 RTP/AVP 0', 'a=rtpmap:0 8000'), none],
    ['a static type mapped away', sdp('m=audio 4000 RTP/AVP 0', 'a=rtpmap:0 G729/8000'), none],
    ['another rate', sdp('m=audio 4000 RTP/AVP 96', 'a=rtpmap:96 PCMU/16000'), none],
    ['stereo', sdp('m=audio 4000 RTP/AVP 96', 'a=rtpmap:96 PCMU/8000/2'), none],
    ['type of RTCP', sdp('m=audio 4000 RTP/AVP 72', 'a=rtpmap:72 PCMU/8000'), none],
    ['type beyond seven bits', sdp('m=audio 4000 RTP/AVP 200', 'a=rtpmap:200 PCMU/8000'), none],
    ['a type below zero', sdp('m=audio 4000 RTP/AVP -0'), none],
    [
      'name instead of an address',
      sdp('m=audio 4000 RTP/AVP 0', 'c=IN IP4 host.example'),
      'no address of ours to reach',
    ],
    [
      'broadcast',
      sdp('m=audio 4000 RTP/AVP 0', 'c=IN IP4 255.255.255.255'),
      'no address of ours to reach',
    ],
    [
      'multicast',
      sdp('m=audio 4000 RTP/AVP 0', 'c=IN IP4 224.2.1.1/127'),
      'no address of ours to reach',
    ],
    [
      'the other family',
      sdp('m=audio 4000 RTP/AVP 0', 'c=IN IP6 2001:db8::1'),
      'no address of ours to reach',
    ],
    ['port beyond 65535', sdp('m=audio 99999 RTP/AVP 0'), 'malformed media line'],
    [
      'a broken media line beside a good one',
      sdp('m=audio 4000 RTP/AVP 0', 'm=?'),
      'malformed media line',
    ],
    ['a port that is no plain number', sdp('m=audio 04000 RTP/AVP 0'), 'malformed media line'],
    ['garbage', 'v=nonsense\r\nm=audio', 'malformed media line'],
    ['no SDP', '', 'no SDP'],
    [
      'more than anybody offers',
      sdp(
        'm=audio 4000 RTP/AVP 0',
        ...Array.from({ length: 400 }, () => 'm=video 4002 RTP/AVP 96'),
      ),
      'SDP too large',
    ],
  ]
  for (const [name, text, why] of rows) t.same(read(text), { why }, name)
})

const EVENTS = 'a=rtpmap:101 telephone-event/8000'

t.test('formats: ours, in the order of the far end, by its numbers', async (t) => {
  const PCMU = { codec: 'PCMU', payloadType: 0 }
  const PCMA = { codec: 'PCMA', payloadType: 8 }
  const rows: [string, string[], object[]][] = [
    ['both', ['0 8'], [PCMU, PCMA]],
    ['A-law first', ['8 0'], [PCMA, PCMU]],
    ['A-law alone', ['8'], [PCMA]],
    ['among others', ['9 18 8 3 0 101'], [PCMA, PCMU]],
    ['named twice', ['8 8 0'], [PCMA, PCMU]],
    ['mapped in another case', ['8', 'a=rtpmap:8 pcma/8000/1'], [PCMA]],
    ['without a rate', ['96', 'a=rtpmap:96 PCMU'], [{ codec: 'PCMU', payloadType: 96 }]],
    [
      'on dynamic types',
      ['97 96', 'a=rtpmap:96 PCMU/8000', 'a=rtpmap:97 PCMA/8000'],
      [
        { codec: 'PCMA', payloadType: 97 },
        { codec: 'PCMU', payloadType: 96 },
      ],
    ],
    [
      'static types swapped',
      ['0 8', 'a=rtpmap:0 PCMA/8000', 'a=rtpmap:8 PCMU/8000'],
      [
        { codec: 'PCMA', payloadType: 0 },
        { codec: 'PCMU', payloadType: 8 },
      ],
    ],
    ['the first word counts', ['0', 'a=rtpmap:0 PCMU/8000', 'a=rtpmap:0 G729/8000'], [PCMU]],
    ['a map of what is not in the line', ['8', 'a=rtpmap:0 PCMU/8000'], [PCMA]],
  ]
  for (const [name, [types, ...lines], formats] of rows)
    t.same(read(sdp(`m=audio 4000 RTP/AVP ${types}`, ...lines)), { ...REST, formats }, name)
})

/** What an ordinary line says beside its formats. */
const REST = {
  address: '192.0.2.1',
  port: 4000,
  telephoneEventType: null,
  rtcpPort: 4001,
  receives: true,
  sends: true,
}

t.test('an answer with numbers of its own: sent by those, heard by ours too', async (t) => {
  const remapped = sdp('m=audio 4000 RTP/AVP 96', 'a=rtpmap:96 PCMA/8000')
  t.match(read(remapped, answer), {
    formats: [
      { codec: 'PCMA', payloadType: 96 },
      { codec: 'PCMA', payloadType: 8 },
    ],
  })
  t.match(read(remapped, offer), { formats: [{ payloadType: 96 }] })
  const taken = sdp('m=audio 4000 RTP/AVP 96 8', 'a=rtpmap:96 PCMA/8000', 'a=rtpmap:8 G729/8000')
  t.same(
    read(taken, answer),
    { ...REST, formats: [{ codec: 'PCMA', payloadType: 96 }] },
    'a number that means something else is not ours',
  )
})

t.test('telephone events: at 8000 Hz, by any number', async (t) => {
  const rows: [string, string[], number | null][] = [
    ['as usual', ['0 101', EVENTS, 'a=fmtp:101 0-15'], 101],
    ['another number and case', ['0 97', 'a=rtpmap:97 Telephone-Event/8000'], 97],
    [
      'for each rate its own',
      ['9 8 110 111', 'a=rtpmap:110 telephone-event/16000', 'a=rtpmap:111 telephone-event/8000'],
      111,
    ],
    ['of another rate only', ['0 110', 'a=rtpmap:110 telephone-event/48000'], null],
    ['not in the line', ['0', EVENTS], null],
    ['a number that would be RTCP', ['0 72', 'a=rtpmap:72 telephone-event/8000'], null],
  ]
  for (const [name, [types, ...lines], telephoneEventType] of rows)
    t.match(read(sdp(`m=audio 4000 RTP/AVP ${types}`, ...lines)), { telephoneEventType }, name)
})

t.test('where RTCP goes', async (t) => {
  const rows: [string, string[], number, number][] = [
    ['one above', [], 4001, 4001],
    ['where it says', ['a=rtcp:5005'], 5005, 5005],
    ['the port counts, not the address', ['a=rtcp:5005 IN IP4 198.51.100.7'], 5005, 5005],
    ['shared only where we agreed to it', ['a=rtcp-mux'], 4000, 4001],
    ['shared, whatever else it says', ['a=rtcp-mux', 'a=rtcp:5005'], 4000, 5005],
    ['no port', ['a=rtcp:0'], 4001, 4001],
    ['beyond all ports', ['a=rtcp:70000'], 4001, 4001],
    ['no number', ['a=rtcp:'], 4001, 4001],
  ]
  for (const [name, lines, offered, answered] of rows) {
    const text = sdp('m=audio 4000 RTP/AVP 0', ...lines)
    t.match(read(text, offer), { rtcpPort: offered }, name)
    t.match(read(text, answer), { rtcpPort: answered }, `${name}, in an answer`)
  }
  t.match(read(sdp('m=audio 65535 RTP/AVP 0')), { rtcpPort: 65535 }, 'nothing is above the last')
})

t.test('where the signalling comes from, when audio can come from there too', async (t) => {
  const text = sdp('m=audio 4000 RTP/AVP 0')
  const from = (sourceAddress: string) => read(text, { ...offer, sourceAddress })
  t.match(from('198.51.100.7'), { signallingAddress: '198.51.100.7' })
  for (const useless of ['', '2001:db8::1', 'carrier.example'])
    t.notOk('signallingAddress' in from(useless), useless)
})
