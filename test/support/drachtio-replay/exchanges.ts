// What is played against a drachtio-server: what our port is asked to do, and what the far side does. The recorder plays
// both; the replayer has the far side's part in the recording.
import { setTimeout as sleep } from 'node:timers/promises'
import { ms, type CallId } from '#core/contracts'
import type {
  InboundInvite,
  InviteFailure,
  OutboundInvite,
  SipDialog,
  SipPort,
} from '../../../gateway/sip/sip-port.ts'
import { requestText, SDP, type SipPeer } from '../../gateway/embedded/sip-peer.ts'
import { FAR } from './frames.ts'

export interface Exchange {
  readonly name: string
  /** Our side; resolves with what it came to. */
  play(sip: SipPort): Promise<readonly string[]>
  readonly expected: readonly string[]
  /** The far side, when there is a real server. */
  far(peer: SipPeer, server: { readonly host: string; readonly port: number }): Promise<void>
}

const CALL_ID = 'call_recorded' as CallId
const TIMEOUT = ms(5000)
const SDP_2 = SDP.replace('o=- 1 1', 'o=- 1 2')
const OURS = SDP.replace('4000', '4002')

const outbound = (name: string): OutboundInvite => ({
  callId: CALL_ID,
  requestUri: `sip:callee@${FAR.host}:${FAR.port}`,
  from: `<sip:us@${FAR.host}>;tag=our-tag-${name}`,
  sipCallId: `recorded-${name}`,
  contactUser: 'us',
  sdp: OURS,
  headers: { 'X-Call-Id': 'recorded' },
})

interface Played {
  readonly notes: string[]
  readonly answered: Promise<SipDialog>
  readonly failed: Promise<InviteFailure>
  readonly ended: Promise<void>
  readonly referred: Promise<number>
  readonly acknowledged: Promise<void>
  readonly rang: Promise<void>
  readonly listener: Parameters<SipPort['invite']>[1]
}

function listen(): Played {
  const notes: string[] = []
  const answered = Promise.withResolvers<SipDialog>()
  const failed = Promise.withResolvers<InviteFailure>()
  const ended = Promise.withResolvers<undefined>()
  const referred = Promise.withResolvers<number>()
  const acknowledged = Promise.withResolvers<undefined>()
  const rang = Promise.withResolvers<undefined>()
  const note = (text: string): void => void notes.push(text)
  return {
    notes,
    answered: answered.promise,
    failed: failed.promise,
    ended: ended.promise.then(() => undefined),
    referred: referred.promise,
    acknowledged: acknowledged.promise.then(() => undefined),
    rang: rang.promise.then(() => undefined),
    listener: {
      onSent: (sipCallId) => note(`sent ${sipCallId}`),
      onTransaction: () => note('transaction'),
      onRepeated: (cseq) => note(`repeated as ${cseq}`),
      onProvisional: ({ status }) => {
        note(String(status))
        if (status === 180) rang.resolve(undefined)
      },
      onAnswered: (dialog) => {
        note('answered')
        answered.resolve(dialog)
      },
      onFailed: (failure) => {
        const { status, local, q850Cause } = failure
        note(
          `failed ${status}${local ? ' here' : ''}${q850Cause === undefined ? '' : ` Q.850 ${q850Cause}`}`,
        )
        failed.resolve(failure)
      },
      onEnded: (end) => {
        note(`ended by ${end.by}`)
        ended.resolve(undefined)
      },
      onAcknowledged: () => {
        note('acknowledged')
        acknowledged.resolve(undefined)
      },
      onReoffer: () => {
        note('new offer')
        return { sdp: OURS }
      },
      onDtmf: (digit) => note(`key ${digit}`),
      onReferProgress: (status) => {
        if (status < 200) return
        note(`the transfer: ${status}`)
        referred.resolve(status)
      },
      onTargetRefreshed: () => note('target refreshed'),
      onDefect: () => note('defect'),
    },
  }
}

const CONTACT = `Contact: <sip:callee@${FAR.host}:${FAR.port}>`
const TYPE = 'Content-Type: application/sdp'
const describedBy = (body: string) => ({ tag: 'far', headers: [CONTACT, TYPE], body })

const called: Exchange = {
  name: 'called-and-hung-up-on',
  async play(sip) {
    const call = listen()
    sip.invite(outbound('called'), call.listener)
    const dialog = await call.answered
    call.notes.push(`evidence ${dialog.evidence?.dialog}`)
    await dialog.bye(TIMEOUT)
    return call.notes
  },
  expected: [
    'transaction',
    'sent recorded-called',
    '180',
    'answered',
    'evidence recorded-called;from-tag=our-tag-called',
  ],
  async far(peer) {
    const invite = await peer.wait('INVITE')
    peer.reply(invite, '180 Ringing', { tag: 'far', headers: [CONTACT] })
    peer.reply(invite, '200 OK', describedBy(SDP))
    await peer.wait('ACK')
    peer.reply(await peer.wait('BYE'), '200 OK')
  },
}

const refused: Exchange = {
  name: 'refused-with-a-cause',
  async play(sip) {
    const call = listen()
    sip.invite(outbound('refused'), call.listener)
    await call.failed
    return call.notes
  },
  expected: ['transaction', 'sent recorded-refused', 'failed 486 Q.850 17'],
  async far(peer) {
    peer.reply(await peer.wait('INVITE'), '486 Busy Here', {
      tag: 'far',
      headers: ['Reason: Q.850;cause=17;text="User busy"'],
    })
    await peer.wait('ACK')
  },
}

const canceled: Exchange = {
  name: 'canceled-while-ringing',
  async play(sip) {
    const call = listen()
    const invite = sip.invite(outbound('canceled'), call.listener)
    await call.rang
    invite.cancel()
    await call.failed
    return call.notes
  },
  expected: ['transaction', 'sent recorded-canceled', '180', 'failed 487'],
  async far(peer) {
    const invite = await peer.wait('INVITE')
    peer.reply(invite, '180 Ringing', { tag: 'far', headers: [CONTACT] })
    peer.reply(await peer.wait('CANCEL'), '200 OK', { tag: 'far' })
    peer.reply(invite, '487 Request Terminated', { tag: 'far' })
    await peer.wait('ACK')
  },
}

const challenged: Exchange = {
  name: 'challenged',
  async play(sip) {
    const call = listen()
    const credentials = { username: 'us', password: 'never sent' }
    sip.invite({ ...outbound('challenged'), credentials }, call.listener)
    await (await call.answered).bye(TIMEOUT)
    return call.notes
  },
  expected: ['transaction', 'sent recorded-challenged', 'repeated as 2', 'transaction', 'answered'],
  async far(peer) {
    const realm = 'Proxy-Authenticate: Digest realm="far", nonce="n", algorithm=MD5'
    const demanding = { tag: 'proxy', headers: [realm] }
    peer.reply(await peer.wait('INVITE'), '407 Proxy Authentication Required', demanding)
    peer.reply(await peer.wait('INVITE', 2), '200 OK', describedBy(SDP))
    peer.reply(await peer.wait('BYE'), '200 OK')
  },
}

const moved: Exchange = {
  name: 'reinvited-and-transferred',
  async play(sip) {
    const call = listen()
    sip.invite(outbound('transferred'), call.listener)
    const dialog = await call.answered
    const answer = await dialog.reinvite(OURS.replace('o=- 1 1', 'o=- 1 2'), TIMEOUT)
    call.notes.push('sdp' in answer ? 'the new description is taken' : `refused ${answer.status}`)
    const { status } = await dialog.refer('<sip:human@192.0.2.1>', TIMEOUT)
    call.notes.push(`REFER: ${status}`)
    await call.referred
    await dialog.bye(TIMEOUT)
    return call.notes
  },
  expected: [
    'transaction',
    'sent recorded-transferred',
    'answered',
    'the new description is taken',
    'REFER: 202',
    'the transfer: 200',
  ],
  async far(peer, server) {
    const invite = await peer.wait('INVITE')
    peer.reply(invite, '200 OK', describedBy(SDP))
    peer.reply(await peer.wait('INVITE', 2), '200 OK', describedBy(SDP_2))
    peer.reply(await peer.wait('REFER'), '202 Accepted', { headers: [CONTACT] })
    // Else it may overtake the 202 on its way to us.
    await sleep(50)
    for (const [at, line] of ['100 Trying', '200 OK'].entries()) {
      const body = `SIP/2.0 ${line}\r\n`
      const state = at === 0 ? 'active;expires=60' : 'terminated;reason=noresource'
      const text = requestText({
        method: 'NOTIFY',
        target: /<(.*?)>/.exec(invite.headers.get('Contact') ?? '')?.[1] ?? '',
        peer,
        callId: 'recorded-transferred',
        seq: at + 1,
        headers: [
          'Event: refer',
          `Subscription-State: ${state}`,
          'Content-Type: message/sipfrag;version=2.0',
        ],
      })
        .replace(/^From: .*$/m, `From: <sip:callee@${FAR.host}:${FAR.port}>;tag=far`)
        .replace(/^To: .*$/m, `To: ${invite.headers.get('From')}`)
        .replace('Content-Length: 0\r\n\r\n', `Content-Length: ${body.length}\r\n\r\n${body}`)
      peer.send(text, server)
      await peer.wait('200 NOTIFY', at + 1)
    }
    peer.reply(await peer.wait('BYE'), '200 OK')
  },
}

const request = (
  peer: SipPeer,
  server: { readonly port: number },
  method: string,
  more: { seq?: number; toTag?: string; branch?: string; headers?: string[]; body?: string } = {},
): string => {
  const target = `sip:us@127.0.0.1:${server.port}`
  return requestText({ method, target, peer, callId: 'recorded-calling', fromTag: 'far', ...more })
}

const calling: Exchange = {
  name: 'called-by',
  play: (sip) =>
    new Promise((resolve, reject) => {
      sip.onInvite((invite: InboundInvite) => {
        const call = listen()
        call.notes.push(`from ${invite.fromUser} to ${invite.toUser} over ${invite.protocol}`)
        invite.ring()
        invite
          .answer({ callId: CALL_ID, sdp: OURS }, call.listener)
          .then((dialog) => {
            call.notes.push(`evidence ${dialog.evidence?.dialog}`)
            return call.ended
          })
          .then(() => resolve(call.notes))
          .catch(reject)
      })
    }),
  expected: [
    'from caller to us over udp',
    'evidence recorded-calling;from-tag=far',
    'acknowledged',
    'key 5',
    'new offer',
    'ended by remote',
  ],
  async far(peer, server) {
    peer.send(request(peer, server, 'INVITE', { branch: 'z9hG4bK-1', body: SDP }), server)
    const ok = await peer.wait('200 INVITE')
    const toTag = /tag=([^;>]+)/.exec(ok.headers.get('To') ?? '')?.[1] ?? ''
    peer.send(request(peer, server, 'ACK', { toTag }), server)
    const key = { seq: 2, toTag, headers: ['Content-Type: application/dtmf-relay'] }
    const body = 'Signal=5\r\nDuration=160\r\n'
    const info = request(peer, server, 'INFO', key)
    peer.send(
      info.replace('Content-Length: 0\r\n\r\n', `Content-Length: ${body.length}\r\n\r\n${body}`),
      server,
    )
    await peer.wait('200 INFO')
    peer.send(request(peer, server, 'INVITE', { seq: 3, toTag, body: SDP_2 }), server)
    await peer.wait('200 INVITE', 2)
    peer.send(request(peer, server, 'ACK', { seq: 3, toTag }), server)
    peer.send(request(peer, server, 'BYE', { seq: 4, toTag }), server)
    await peer.wait('200 BYE')
  },
}

const takenBack: Exchange = {
  name: 'called-by-and-taken-back',
  play: (sip) =>
    new Promise((resolve) => {
      sip.onInvite((invite) => {
        invite.onCanceled(() => resolve(['taken back']))
        invite.ring()
      })
    }),
  expected: ['taken back'],
  async far(peer, server) {
    const branch = 'z9hG4bK-taken-back'
    peer.send(request(peer, server, 'INVITE', { branch, body: SDP }), server)
    await peer.wait('180 INVITE')
    peer.send(request(peer, server, 'CANCEL', { branch }), server)
    await peer.wait('487 INVITE')
  },
}

/** What it says when it will not: our code reads these texts. */
const unwilling: Exchange = {
  name: 'what-it-refuses',
  async play(sip) {
    const refusal = async (requestUri: string): Promise<string> => {
      const call = listen()
      sip.invite({ ...outbound('unwilling'), requestUri }, call.listener)
      const { status, local, detail } = await call.failed
      return `${status}${local ? ' here' : ''}: ${detail}`
    }
    return [
      await refusal('sip:callee@127.0.0.1:9;transport=ws'),
      await refusal('sip:callee@127.0.0.1:9;transport=udp'),
    ]
  },
  expected: ['503 here: No Such Transport', '503 here: Service Unavailable'],
  far: () => Promise.resolve(),
}

export const EXCHANGES: readonly Exchange[] = [
  called,
  refused,
  canceled,
  challenged,
  moved,
  calling,
  takenBack,
  unwilling,
]
