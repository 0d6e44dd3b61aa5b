import { EventEmitter } from 'node:events'
import t from 'tap'
import { epochMs, newCallId } from '../../../core/contracts/index.ts'
import { createLogger } from '../../../core/telemetry/index.ts'
import { createAnswerMint } from '../../../core/contracts/answer-mint.ts'
import { DrachtioDialog } from '../../../gateway/sip/drachtio-dialog.ts'
import type { SrfDialog, SrfMessage } from '../../../gateway/sip/drachtio-types.ts'

function message(method: string, seq: number, body = '', type = 'application/sdp'): SrfMessage {
  const headers = new Map([
    ['CSeq', `${seq} ${method}`],
    ['From', '<sip:a@127.0.0.1>;tag=a'],
    ['To', '<sip:b@127.0.0.1>'],
  ])
  if (body !== '') headers.set('Content-Type', type)
  return {
    uri: 'sip:b@127.0.0.1',
    source_address: '192.0.2.1',
    body,
    get: (name) => headers.get(name) ?? '',
    has: (name) => headers.has(name),
    getParsedHeader: () => ({ uri: '', params: {} }),
  }
}

/** A dialog of a call that came in, with what its listener heard and what it sent. */
function dialogOf(invite: SrfMessage) {
  const srf = Object.assign(new EventEmitter(), {
    type: 'uas',
    sip: { callId: 'c', localTag: 'b', remoteTag: 'a' },
    remote: { uri: 'sip:a@127.0.0.1' },
    req: invite,
    res: message('INVITE', 1),
  })
  const answers: (string | undefined)[] = []
  const sent: unknown[] = []
  const keys: string[] = []
  const sources: string[] = []
  const dialog = new DrachtioDialog({
    dialog: srf as unknown as SrfDialog,
    evidence: createAnswerMint().mint({
      callId: newCallId(),
      dialog: 'c;from-tag=a',
      cseq: 1,
      answeredAt: epochMs(0),
    }),
    listener: {
      onEnded: () => undefined,
      onAcknowledged: (answer, source) => {
        answers.push(answer)
        sources.push(source)
      },
      onReoffer: (offer, source) => {
        sources.push(source)
        return { sdp: `v=0 for ${offer}` }
      },
      onDtmf: (digit) => keys.push(digit),
      onTargetRefreshed: () => undefined,
      onDefect: () => t.fail('a defect'),
    },
    origin: {
      ...{ acknowledged: false, canceled: false, digest: undefined },
      logger: createLogger('silent'),
    },
    onGone: () => undefined,
  })
  const response = {
    send: (status: number, options?: { readonly body?: string }) =>
      sent.push(options?.body === undefined ? status : options.body),
  }
  const receive = (event: 'ack' | 'modify' | 'update' | 'info', request: SrfMessage): void =>
    void srf.emit(event, request, response)
  return { dialog, answers, sent, receive, keys, sources }
}

t.test('the answer is in the ACK of the INVITE that was answered with our offer', async (t) => {
  const { answers, receive } = dialogOf(message('INVITE', 1))
  receive('ack', message('ACK', 1, 'v=1'))
  receive('modify', message('INVITE', 2, 'v=2'))
  receive('ack', message('ACK', 2))
  receive('modify', message('INVITE', 3))
  receive('ack', message('ACK', 3))
  t.same(answers, ['v=1', undefined, ''])
})

t.test('drachtio-srf tells of a re-INVITE before the ACK that came before it', async (t) => {
  const { answers, sent, receive } = dialogOf(message('INVITE', 1, 'v=1'))
  receive('modify', message('INVITE', 2))
  receive('ack', message('ACK', 1))
  receive('update', message('UPDATE', 3, 'v=3'))
  receive('ack', message('ACK', 2, 'v=2'))
  receive('update', message('UPDATE', 4, 'v=4'))
  t.same(answers, [undefined, 'v=2'])
  t.same(sent, ['v=0 for ', 491, 'v=0 for v=4'])
})

t.test('a key in an INFO is told; what we do not know is refused', async (t) => {
  const { keys, sent, receive } = dialogOf(message('INVITE', 1, 'v=1'))
  receive('info', message('INFO', 2, 'Signal=5\r\nDuration=160\r\n', 'application/dtmf-relay'))
  receive('info', message('INFO', 3, '#', 'application/dtmf'))
  receive('info', message('INFO', 4))
  receive('info', message('INFO', 5, 'Signal=?', 'application/dtmf-relay'))
  receive('info', message('INFO', 6, '<media_control/>', 'application/media_control+xml'))
  t.same(sent, [200, 200, 200, 400, 415])
  t.same(keys, ['5', '#'])
})

t.test('whoever speaks, it is said from where', async (t) => {
  const { dialog, sources, receive } = dialogOf(message('INVITE', 1, 'v=1'))
  receive('ack', message('ACK', 1))
  receive('modify', message('INVITE', 2, 'v=2'))
  receive('update', message('UPDATE', 3, 'v=3'))
  t.same([dialog.sourceAddress, ...sources], Array(4).fill('192.0.2.1'))
})
