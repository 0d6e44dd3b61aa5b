// What a media server is shown of a carrier's words, and the carrier of the media server's.
import t from 'tap'
import { parse } from 'sdp-transform'
import {
  answerFor,
  keysIn,
  offerFor,
  placeholder,
  wordsOf,
  type Spoken,
} from '../../../../gateway/sip/sdp/carrier-sdp.ts'

const PLAIN: Spoken = { codecs: ['PCMA', 'PCMU'], srtp: 'off' }
const SECURE: Spoken = { codecs: ['opus', 'G722', 'PCMU'], srtp: 'required' }
const KEY = 'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj'
const ORIGIN = { sessionId: 7, version: 3 }

const sdp = (...lines: readonly string[]): string =>
  ['v=0', 'o=- 1 1 IN IP4 203.0.113.5', 's=-', 'c=IN IP4 203.0.113.5', 't=0 0', ...lines, ''].join(
    '\r\n',
  )
const audio = (of: string | undefined) => parse(of ?? '').media[0]

t.test('one audio line, the trunk’s codecs in its order, and telephone events', async (t) => {
  const offer = sdp(
    'm=audio 4000 RTP/AVP 9 0 18 8 101',
    'a=rtpmap:101 telephone-event/8000',
    'a=fmtp:101 0-16',
    'a=sendonly',
    'm=video 4002 RTP/AVP 31',
  )
  const words = wordsOf(offer, PLAIN)
  t.match(words, { at: 0, direction: 'sendonly' })
  t.equal(parse(words?.sdp ?? '').media.length, 1)
  t.match(audio(words?.sdp), { payloads: '8 0 101', protocol: 'RTP/AVP', port: 4000 })
})

t.test('what a trunk speaks, and what it does not', async (t) => {
  const plain = sdp('m=audio 4000 RTP/AVP 0')
  const feedback = sdp('m=audio 4000 RTP/AVPF 0')
  const secure = sdp('m=audio 4000 RTP/SAVP 96', 'a=rtpmap:96 opus/48000/2', KEY)
  const both = sdp('m=audio 4000 RTP/AVP 0', 'm=audio 4002 RTP/SAVP 9', KEY)
  const cases: readonly (readonly [string, string, Spoken, number | undefined])[] = [
    ['plain', plain, PLAIN, 0],
    ['plain with feedback', feedback, PLAIN, 0],
    ['SRTP where plain is wanted', secure, PLAIN, undefined],
    ['SRTP', secure, SECURE, 0],
    ['plain where SRTP is wanted', plain, SECURE, undefined],
    ['the second line of two', both, SECURE, 1],
    ['SRTP without a key', sdp('m=audio 4000 RTP/SAVP 0'), SECURE, undefined],
    ['a codec of nobody', sdp('m=audio 4000 RTP/AVP 18'), PLAIN, undefined],
    ['a line that is off', sdp('m=audio 0 RTP/AVP 0'), PLAIN, undefined],
    [
      'a number that stands for another clock',
      sdp('m=audio 4000 RTP/AVP 97', 'a=rtpmap:97 PCMU/16000'),
      PLAIN,
      undefined,
    ],
    ['no SDP', 'hello', PLAIN, undefined],
    ['nothing', '', PLAIN, undefined],
    ['half a line', sdp('m=audio'), PLAIN, undefined],
    ['more than anybody offers', `${plain}a=x:${'a'.repeat(9000)}\r\n`, PLAIN, undefined],
  ]
  for (const [name, words, spoken, at] of cases) t.equal(wordsOf(words, spoken)?.at, at, name)
})

t.test('the carrier is offered one line, and only what its trunk speaks', async (t) => {
  const server = sdp('m=audio 17000 RTP/SAVP 96 101', 'a=rtpmap:96 opus/48000/2', KEY)
  const first = offerFor(server, SECURE, ORIGIN)
  t.equal(parse(first).media.length, 1)
  t.match(audio(first), {
    port: 17_000,
    protocol: 'RTP/SAVP',
    payloads: '96 9 0 101',
    direction: 'sendrecv',
  })
  t.match(parse(first), {
    origin: { sessionId: 7, sessionVersion: 3 },
    connection: { ip: '203.0.113.5' },
  })
  t.equal(keysIn(first), keysIn(server))
  t.not(keysIn(first), '')
  const before = sdp('m=video 0 RTP/AVP 31', 'm=audio 20000 RTP/AVP 0')
  const ports = parse(offerFor(server, SECURE, ORIGIN, before)).media.map(({ port }) => port)
  t.same(ports, [0, 17_000], 'a later offer keeps the lines of the one before')
})

t.test('an answer has every line of the offer, all but one refused', async (t) => {
  const offer = sdp(
    'm=audio 4000 RTP/AVP 0',
    'm=audio 4002 RTP/SAVPF 96',
    'a=rtpmap:96 opus/48000/2',
    KEY,
  )
  const server = sdp('m=audio 17000 RTP/SAVP 96', 'a=rtpmap:96 opus/48000/2', KEY)
  const { media } = parse(answerFor(offer, 1, server, ORIGIN))
  t.match(media, [
    { port: 0, protocol: 'RTP/AVP' },
    { port: 17_000, protocol: 'RTP/SAVPF', crypto: [{ suite: 'AES_CM_128_HMAC_SHA1_80' }] },
  ])
})

t.test('a placeholder sends nothing, and has a new key each time', async (t) => {
  const one = placeholder(SECURE, '127.0.0.1')
  t.match(audio(one), { port: 9, direction: 'inactive', protocol: 'RTP/SAVP' })
  t.not(keysIn(one), keysIn(placeholder(SECURE, '127.0.0.1')))
  t.equal(keysIn(placeholder(PLAIN, '127.0.0.1')), '')
})
