// Calls in and out, played alike on both servers.
import { setTimeout as sleep } from 'node:timers/promises'
import { contactUriOf, SDP, SDP_2, toTagOf, type Any, type Stage } from './stage.ts'
import { headerOf, type SipText } from './sip-text.ts'

/** A server needs a moment to see that a connection is gone, or that a 180 came. */
const BREAK_MS = 50
const PROVISIONAL_MS = 30

export type Scenario = (stage: Stage) => Promise<void>

interface Answered {
  readonly dialog: Any
  readonly ok: SipText
  /** For the peer's requests within the dialog. */
  readonly inDialog: { readonly toTag: string; readonly uri: string }
}

/** The peer calls, the application rings and answers. */
export async function callIn(
  stage: Stage,
  register: (srf: Any) => void = () => undefined,
): Promise<Answered> {
  const answered = Promise.withResolvers<Any>()
  await stage.handlers((srf) => {
    register(srf)
    srf.invite((req: Any, res: Any) => {
      stage.note(`invite from ${req.source} over ${req.protocol}`)
      res.send(180)
      const options = { localSdp: SDP, headers: { Contact: 'sip:agent@localhost' } }
      srf.createUAS(req, res, options).then(answered.resolve, answered.reject)
    })
  })
  stage.request('INVITE', { body: SDP })
  const dialog = await answered.promise
  noteEnd(stage, dialog)
  const ok = await stage.peer.wait('200 INVITE')
  const inDialog = { toTag: toTagOf(ok), uri: contactUriOf(ok) }
  stage.request('ACK', inDialog)
  return { dialog, ok, inDialog }
}

/** The application calls, the peer rings and answers. */
export async function callOut(
  stage: Stage,
  headers: Record<string, string> = {},
): Promise<{ readonly dialog: Any; readonly invite: SipText }> {
  const { peer, srf, target } = stage
  const dialing = srf.createUAC(target, { localSdp: SDP, headers })
  const invite = await peer.wait('INVITE')
  peer.answer(invite, '180 Ringing')
  peer.answer(invite, '200 OK', { body: SDP })
  const dialog = await dialing
  noteEnd(stage, dialog)
  await peer.wait('ACK')
  return { dialog, invite }
}

function noteEnd(stage: Stage, dialog: Any): void {
  dialog.on('destroy', (req: Any, reason: string | undefined) =>
    stage.note(`dialog destroyed: ${reason ?? ''} (${req?.method ?? 'no request'})`),
  )
}

async function peerHangsUpIn(stage: Stage): Promise<void> {
  const { inDialog } = await callIn(stage)
  stage.request('BYE', { ...inDialog, cseq: 2 })
  await stage.peer.wait('200 BYE')
}

async function appHangsUpIn(stage: Stage): Promise<void> {
  const { dialog } = await callIn(stage)
  await hangUp(stage, dialog)
}

/** The BYE comes by the connection that the peer opened: it may be the only way to it. */
async function appHangsUpByTheSameConnection(stage: Stage): Promise<void> {
  const { dialog } = await callIn(stage)
  await hangUp(stage, dialog)
  stage.note(`connections: ${stage.peer.connections}`)
}

async function appHangsUpAfterTheConnectionBroke(stage: Stage): Promise<void> {
  const { dialog } = await callIn(stage)
  stage.peer.drop()
  await sleep(BREAK_MS)
  await hangUp(stage, dialog)
}

async function peerHangsUpOut(stage: Stage): Promise<void> {
  const { invite } = await callOut(stage)
  stage.request('BYE', { dialog: invite })
  await stage.peer.wait('200 BYE')
}

async function appHangsUpOut(stage: Stage): Promise<void> {
  const { dialog } = await callOut(stage)
  await hangUp(stage, dialog)
}

async function hangUp(stage: Stage, dialog: Any): Promise<void> {
  const ended = dialog.destroy({ headers: { 'X-Why': 'done' } })
  stage.peer.answer(await stage.peer.wait('BYE'), '200 OK')
  await ended
}

async function appCancels(stage: Stage): Promise<void> {
  const { peer, srf, target } = stage
  let request: Any
  const dialing = srf
    .createUAC(
      target,
      { localSdp: SDP },
      { cbRequest: (_error: unknown, req: Any) => void (request = req) },
    )
    .catch((error: Any) => stage.note(`rejected: ${error.status}`))
  const invite = await peer.wait('INVITE')
  peer.answer(invite, '180 Ringing')
  await peer.wait('INVITE')
  await sleep(PROVISIONAL_MS)
  request.cancel({ headers: { Reason: 'SIP;cause=487;text="enough"' } }, () => undefined)
  const cancel = await peer.wait('CANCEL')
  peer.answer(cancel, '200 OK')
  peer.answer(invite, '487 Request Terminated')
  await peer.wait('ACK')
  await dialing
}

async function peerCancels(stage: Stage): Promise<void> {
  const canceled = Promise.withResolvers<undefined>()
  await stage.handlers((srf) => {
    srf.invite((req: Any, res: Any) => {
      req.on('cancel', (cancel: Any) => {
        stage.note(`canceled: ${cancel.method} ${cancel.get('Reason')}`)
        canceled.resolve(undefined)
      })
      res.send(180, { headers: { Contact: 'sip:agent@localhost' } })
    })
  })
  stage.request('INVITE', { body: SDP })
  await stage.peer.wait('180 INVITE')
  stage.requestOfSameBranch('CANCEL', { headers: [['Reason', 'Q.850;cause=16']] })
  const refused = await stage.peer.wait('487 INVITE')
  await stage.peer.wait('200 CANCEL')
  stage.requestOfSameBranch('ACK', { toTag: toTagOf(refused) })
  await canceled.promise
}

async function peerReinvites(stage: Stage): Promise<void> {
  const { dialog, inDialog } = await callIn(stage)
  dialog.on('modify', (req: Any, res: Any) => {
    stage.note(`modified: ${req.body.includes('sendonly') ? 'sendonly' : 'other'}`)
    res.send(200, { body: SDP_2 })
  })
  stage.request('INVITE', { ...inDialog, cseq: 2, body: SDP_2 })
  await stage.peer.wait('200 INVITE', 2)
  stage.request('ACK', { ...inDialog, cseq: 2 })
  await hangUp(stage, dialog)
}

async function appReinvites(stage: Stage): Promise<void> {
  const { dialog } = await callOut(stage)
  const modified = dialog.modify(SDP_2)
  stage.peer.answer(await stage.peer.wait('INVITE', 2), '200 OK', { body: SDP_2 })
  await modified
  await stage.peer.wait('ACK', 2)
  await hangUp(stage, dialog)
}

async function appReinvitesAsCallee(stage: Stage): Promise<void> {
  const { dialog } = await callIn(stage)
  const modified = dialog.modify(SDP_2)
  stage.peer.answer(await stage.peer.wait('INVITE'), '200 OK', { body: SDP_2 })
  await modified
  await stage.peer.wait('ACK')
  await hangUp(stage, dialog)
}

async function earlyMediaThenBusy(stage: Stage): Promise<void> {
  const { peer, srf, target } = stage
  const dialing = srf
    .createUAC(
      target,
      { localSdp: SDP, callingNumber: '4930555100', headers: { 'X-Trunk': 'one' } },
      { cbProvisional: (res: Any) => stage.note(`provisional: ${res.status} ${res.body.length}`) },
    )
    .catch((error: Any) => stage.note(`rejected: ${error.status} ${error.reason}`))
  const invite = await peer.wait('INVITE')
  peer.answer(invite, '183 Session Progress', { body: SDP })
  peer.answer(invite, '486 Busy Here', { headers: [['Reason', 'Q.850;cause=17']] })
  await peer.wait('ACK')
  await dialing
}

async function earlyMediaThenRefusal(stage: Stage): Promise<void> {
  await stage.handlers((srf) => {
    srf.invite((_req: Any, res: Any) => {
      res.send(183, { body: SDP, headers: { Contact: 'sip:agent@localhost' } })
      res.send(503, { headers: { 'Retry-After': '5' } })
    })
  })
  stage.request('INVITE', { body: SDP })
  const refused = await stage.peer.wait('503 INVITE')
  stage.requestOfSameBranch('ACK', { toTag: toTagOf(refused) })
}

async function recordRoutedOut(stage: Stage): Promise<void> {
  const { peer, srf, target } = stage
  const dialing = srf.createUAC(target, { localSdp: SDP })
  const invite = await peer.wait('INVITE')
  const headers = [
    ['Record-Route', `<sip:${stage.peerHop};lr;x=1>`],
    ['Record-Route', `<sip:127.0.0.2:5099;lr>, <sip:127.0.0.3:5099;lr>`],
  ] as const
  peer.answer(invite, '200 OK', { body: SDP, headers: headers.toReversed() })
  const dialog = await dialing.catch((error: Any) => stage.note(`rejected: ${error.message}`))
  if (dialog === undefined) return
  await peer.wait('ACK')
  stage.request('BYE', { dialog: invite })
  await peer.wait('200 BYE')
}

async function recordRoutedIn(stage: Stage): Promise<void> {
  const { peer } = stage
  const answered = Promise.withResolvers<Any>()
  await stage.handlers((srf) => {
    srf.invite((req: Any, res: Any) => {
      srf.createUAS(req, res, { localSdp: SDP }).then(answered.resolve, answered.reject)
    })
  })
  const headers = [
    ['Record-Route', `<sip:${stage.peerHop};lr;ftag=1>`],
    ['Record-Route', '<sip:127.0.0.2:5099;lr>'],
  ] as const
  stage.request('INVITE', { body: SDP, headers })
  const dialog = await answered.promise
  const ok = await peer.wait('200 INVITE')
  stage.request('ACK', { toTag: toTagOf(ok), uri: contactUriOf(ok) })
  await hangUp(stage, dialog)
}

async function offerless(stage: Stage): Promise<void> {
  const answered = Promise.withResolvers<undefined>()
  const acknowledged = Promise.withResolvers<undefined>()
  await stage.handlers((srf) => {
    srf.invite((req: Any, res: Any) => {
      srf.createUAS(req, res, { localSdp: SDP }).then((dialog: Any) => {
        dialog.on('ack', (ack: Any) => {
          stage.note(`ack with ${ack.body.length}`)
          acknowledged.resolve(undefined)
        })
        answered.resolve(undefined)
      }, answered.reject)
    })
  })
  stage.request('INVITE')
  const ok = await stage.peer.wait('200 INVITE')
  await answered.promise
  const inDialog = { toTag: toTagOf(ok), uri: contactUriOf(ok) }
  stage.request('ACK', { ...inDialog, body: SDP_2 })
  await acknowledged.promise
  stage.request('BYE', { ...inDialog, cseq: 2 })
  await stage.peer.wait('200 BYE')
}

async function reliableProvisionalOut(stage: Stage): Promise<void> {
  await stage.handlers((srf) => {
    srf.invite((req: Any, res: Any) => {
      res.send(183, { body: SDP, headers: { Require: '100rel', Contact: 'sip:agent@localhost' } })
      req.on('cancel', () => undefined)
      res.on?.('PRACK', () => stage.note('prack'))
      setTimeout(() => void res.send(486), 300)
    })
  })
  stage.request('INVITE', { body: SDP, headers: [['Supported', '100rel']] })
  const progress = await stage.peer.wait('183 INVITE')
  const rack: [string, string] = ['RAck', `${headerOf(progress, 'RSeq')} 1 INVITE`]
  stage.note(`RSeq ${headerOf(progress, 'RSeq') === '' ? 'missing' : 'there'}`)
  stage.request('PRACK', {
    toTag: toTagOf(progress),
    uri: contactUriOf(progress),
    cseq: 2,
    headers: [rack],
  })
  await stage.peer.wait('200 PRACK')
  const refused = await stage.peer.wait('486 INVITE')
  stage.request('ACK', { toTag: toTagOf(refused) })
}

async function reliableProvisionalIn(stage: Stage): Promise<void> {
  const { peer, srf, target } = stage
  const dialing = srf.createUAC(target, { localSdp: SDP, headers: { Supported: '100rel' } })
  const invite = await peer.wait('INVITE')
  peer.answer(invite, '183 Session Progress', {
    body: SDP,
    headers: [
      ['Require', '100rel'],
      ['RSeq', '7'],
    ],
  })
  const prack = await peer.wait('PRACK')
  peer.answer(prack, '200 OK')
  peer.answer(invite, '200 OK', { body: SDP })
  const dialog = await dialing
  await peer.wait('ACK')
  await hangUp(stage, dialog)
}

export const CALLS: Readonly<Record<string, Scenario>> = {
  'call in, the peer hangs up': peerHangsUpIn,
  'call in, the application hangs up': appHangsUpIn,
  'call in, the application hangs up by the same connection': appHangsUpByTheSameConnection,
  'call in, the connection breaks, the application hangs up': appHangsUpAfterTheConnectionBroke,
  'call out, the peer hangs up': peerHangsUpOut,
  'call out, the application hangs up': appHangsUpOut,
  'call out, canceled': appCancels,
  'call in, canceled': peerCancels,
  're-INVITE of the peer': peerReinvites,
  're-INVITE of the application': appReinvites,
  're-INVITE of the application in a call that came in': appReinvitesAsCallee,
  'call out: early media, then busy': earlyMediaThenBusy,
  'call in: early media, then refused': earlyMediaThenRefusal,
  'call out through proxies that record their route': recordRoutedOut,
  'call in through proxies that record their route': recordRoutedIn,
  'call in without an offer': offerless,
  'reliable provisional of the application': reliableProvisionalOut,
  'reliable provisional of the peer': reliableProvisionalIn,
}
