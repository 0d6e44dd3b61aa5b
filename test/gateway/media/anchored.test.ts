// Which way a call's audio goes: through the media server, straight to us, or nowhere.
import t from 'tap'
import {
  newCallId,
  type CallDirection,
  type CallIdentity,
  type RemoteRtp,
  type Termination,
  type Trunk,
} from '#core/contracts'
import { AppError } from '#core/errors'
import { createLogger } from '#core/telemetry'
import { describeBy } from '../../../gateway/media/describe-by.ts'
import type { DescribedLeg, Description } from '../../../gateway/media/description.ts'
import type { MediaAnchor, MediaServer } from '../../../gateway/media/media-server-port.ts'
import type { Reanswer, SipDialog } from '../../../gateway/sip/sip-port.ts'
import { eventually } from '../../support/process.ts'

const KEYS = [
  'd0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj',
  'NzB4d1BINUAvLEw6UzF3WSJ+PSdFcGdUJShpX1Zj',
]
const PARTS = { rtpFamily: 4, advertiseAddress: undefined } as const
const LOCAL = { address: '127.0.0.1', port: 20_000 }
const SRTP = { media: 'anchored', srtp: 'required' } as const

const sdp = (port: number, key?: string): string =>
  [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    'c=IN IP4 127.0.0.1',
    't=0 0',
    `m=audio ${port} RTP/${key === undefined ? '' : 'S'}AVP 0 101`,
    'a=rtpmap:101 telephone-event/8000',
    ...(key === undefined ? [] : [`a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${key}`]),
    '',
  ].join('\r\n')

class FakeServer implements MediaServer {
  isConnected = true
  readonly nearAddress = '127.0.0.1'
  fails = false
  /** Its next keys; none: it speaks plainly. */
  keys: string[] = []
  accepted = 0
  closed = 0
  lose = (): void => undefined

  async anchor(): Promise<MediaAnchor> {
    if (this.fails) throw new AppError('MEDIA_SERVER_FAILED', 'away')
    let words = sdp(17_000, this.keys.shift())
    const next = async (): Promise<string> => {
      this.accepted += 1
      const key = this.keys.shift()
      if (key !== undefined) words = sdp(17_000, key)
      return words
    }
    return {
      get sdp() {
        return words
      },
      towardsUs: sdp(16_000),
      accept: next,
      reanswer: next,
      onLost: (listener) => (this.lose = listener),
      close: async () => void (this.closed += 1),
    }
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

class FakeLeg implements DescribedLeg {
  readonly identity: CallIdentity
  readonly logger = createLogger('silent')
  readonly notes: unknown[] = []
  remote: RemoteRtp | undefined
  ending: Termination | undefined
  readonly timeline = {
    note: (type: string, data: object) => void this.notes.push({ type, ...data }),
  }

  constructor(direction: CallDirection) {
    const about = { from: null, to: 'unknown', trunk: 'test', createdAt: 0, metadata: {} }
    this.identity = { callId: newCallId(), direction, ...about } as unknown as CallIdentity
  }

  isEnding(): boolean {
    return this.ending !== undefined
  }

  setRemote(remote: RemoteRtp): void {
    this.remote = remote
  }

  end(ending: Termination): void {
    this.ending ??= ending
  }
}

interface Stage {
  readonly server: FakeServer
  readonly leg: FakeLeg
  readonly description: Description
  /** Our later offers. */
  readonly offers: string[]
  readonly dialog: SipDialog
}

function stage(trunk: Partial<Trunk>, direction: CallDirection, answers: Reanswer[] = []): Stage {
  const server = new FakeServer()
  const leg = new FakeLeg(direction)
  const defined: Trunk = { name: 'test', domain: 'carrier.example', numbers: [], ...trunk }
  const description = describeBy(PARTS, server)({ session: leg, trunk: defined, local: LOCAL })
  const offers: string[] = []
  const reinvite = async (offer: string): Promise<Reanswer> => {
    offers.push(offer)
    return answers.shift() ?? { status: 488 }
  }
  const dialog = { sourceAddress: '127.0.0.1', reinvite } as unknown as SipDialog
  return { server, leg, description, offers, dialog }
}

const from = (words: string) => ({ sdp: words, sourceAddress: '127.0.0.1' })
const said = ({ leg }: Stage, type: string) =>
  eventually(type, 1000, () => leg.notes.find((note) => (note as { type: string }).type === type))

t.test(
  'an anchored call goes out through the media server, and an early answer counts once',
  async (t) => {
    const at = stage({ media: 'anchored' }, 'outbound')
    t.match(await at.description.offer(), /m=audio 17000 RTP\/AVP/)
    t.ok(at.description.takeRemote(from(sdp(4000)), 'answer'))
    t.equal(at.leg.remote?.port, 16_000, 'our audio goes to the media server')
    t.ok(at.description.takeRemote(from(sdp(4000)), 'answer'))
    at.description.answered(at.dialog)
    t.match(await said(at, 'media.path'), { through: 'media-server' })
    t.equal(at.server.accepted, 1)
    t.same(at.offers, [])
    await at.description.close()
    t.equal(at.server.closed, 1)
  },
)

t.test('a hold of the carrier reaches our side', async (t) => {
  const at = stage({ media: 'anchored' }, 'inbound')
  await at.description.answer(sdp(4000))
  await at.description.reanswer(`${sdp(4000)}a=sendonly\r\n`, '')
  t.match(at.leg.remote, { receives: false, sends: true })
  t.same(await at.description.reanswer('no SDP', ''), { status: 488 })
})

t.test('a new key of the media server is told by a re-INVITE', async (t) => {
  const [one = '', other = ''] = KEYS
  const at = stage(SRTP, 'outbound', [{ sdp: sdp(4000, one) }])
  at.server.keys = [one, other]
  t.match(await at.description.offer(), one)
  at.description.takeRemote(from(sdp(4000, one)), 'answer')
  at.description.answered(at.dialog)
  await eventually('the new key', 1000, () => at.offers.length === 1)
  t.match(at.offers[0], other)
  t.notOk(at.leg.ending)
})

t.test('keys that never agree end the call', async (t) => {
  const [one = '', other = ''] = KEYS
  const at = stage(SRTP, 'outbound', [{ sdp: sdp(4000, one) }, { sdp: sdp(4001, other) }])
  at.server.keys = [one, other, one, other]
  await at.description.offer()
  at.description.takeRemote(from(sdp(4002, one)), 'answer')
  at.description.answered(at.dialog)
  await eventually('the end', 1000, () => at.leg.ending)
  t.match(at.leg.ending, { reason: 'media-not-acceptable' })
  t.equal(at.offers.length, 2)
})

t.test('lost: what G.711 is enough for goes on without it', async (t) => {
  const at = stage({ media: 'anchored' }, 'inbound', [{ sdp: sdp(4000) }])
  await at.description.answer(sdp(4000))
  at.description.answered(at.dialog)
  at.server.lose()
  await eventually('the way back', 1000, () => at.leg.remote?.port === 4000)
  t.match(at.offers[0], /m=audio 20000 RTP\/AVP/)
  t.match(at.leg.notes, [
    { type: 'media.path', through: 'media-server' },
    { type: 'media.server_lost' },
    { type: 'media.path', through: 'direct' },
  ])
  t.notOk(at.leg.ending)
})

t.test('lost: what needs it, and whose carrier refuses, ends', async (t) => {
  const cases = [
    ['SRTP', SRTP, KEYS[0]],
    ['refused', { media: 'anchored' }, undefined],
  ] as const
  for (const [name, trunk, key] of cases) {
    const at = stage(trunk, 'inbound')
    if (key !== undefined) at.server.keys = [key]
    await at.description.answer(sdp(4000, key))
    at.description.answered(at.dialog)
    at.server.lose()
    await eventually('the end', 1000, () => at.leg.ending)
    t.match(at.leg.ending, { result: 'server_error', reason: 'media-server-lost' }, name)
    t.equal(at.offers.length, key === undefined ? 1 : 0)
  }
})

t.test('another trunk’s call is moved once it is answered', async (t) => {
  const at = stage({}, 'outbound', [{ sdp: sdp(4002) }])
  t.match(await at.description.offer(), /m=audio 20000 /)
  at.description.takeRemote(from(sdp(4000)), 'answer')
  t.equal(at.leg.remote?.port, 4000)
  at.description.answered(at.dialog)
  t.match(await said(at, 'media.path'), { through: 'media-server' })
  t.equal(at.leg.remote?.port, 16_000)
  t.match(at.offers[0], /m=audio 17000 /)
})

t.test('it stays where it is when that fails', async (t) => {
  const refused = stage({}, 'outbound', [{ status: 488 }])
  const away = stage({}, 'outbound')
  away.server.fails = true
  for (const [at, detail] of [
    [refused, /refused with 488/],
    [away, /away/],
  ] as const) {
    await at.description.offer()
    at.description.takeRemote(from(sdp(4000)), 'answer')
    at.description.answered(at.dialog)
    t.match(await said(at, 'media.path'), { through: 'direct', detail })
    t.equal(at.leg.remote?.port, 4000)
    t.notOk(at.leg.ending)
  }
  t.equal(refused.server.closed, 1)
})

t.test('a call of another trunk is taken directly where the media server fails', async (t) => {
  const at = stage({}, 'inbound')
  at.server.fails = true
  at.description.takeRemote(from(sdp(4000)), 'offer')
  t.match(await at.description.answer(sdp(4000)), /m=audio 20000 /)
  t.equal(at.leg.remote?.port, 4000)
})

t.test('without a media server, trunks that need one are refused, and no other', async (t) => {
  const leg = new FakeLeg('outbound')
  const describe = describeBy(PARTS)
  const trunk: Trunk = { name: 'test', domain: 'carrier.example', numbers: [] }
  const plain = describe({ session: leg, trunk, local: LOCAL })
  t.match(await plain.offer(), /m=audio 20000 /)
  for (const needs of [
    { media: 'anchored' },
    { srtp: 'required' },
    { codecs: ['opus'] },
  ] as const) {
    const description = describe({ session: leg, trunk: { ...trunk, ...needs }, local: LOCAL })
    await t.rejects(description.offer(), { code: 'MEDIA_SERVER_FAILED' })
  }
})

t.test('a call that ended while its port was opened leaves none', async (t) => {
  const at = stage({ media: 'anchored' }, 'outbound')
  const offered = at.description.offer()
  await at.description.close()
  await t.rejects(offered, { code: 'MEDIA_SERVER_FAILED' })
  t.equal(at.server.closed, 1)
})
