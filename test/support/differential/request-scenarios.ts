// Requests other than a call's own, within a dialog and outside, played alike on both servers.
import { callIn, callOut, type Scenario } from './call-scenarios.ts'
import { SDP, toTagOf, type Any, type Stage } from './stage.ts'
import { headerOf } from './sip-text.ts'

async function infoBothWays(stage: Stage): Promise<void> {
  const { dialog, inDialog } = await callIn(stage)
  dialog.on('info', (req: Any, res: Any) => {
    stage.note(`info: ${req.body}`)
    res.send(200)
  })
  const headers = [['Content-Type', 'application/dtmf-relay']] as const
  stage.request('INFO', { ...inDialog, cseq: 2, headers, body: 'Signal=5\r\nDuration=160\r\n' })
  await stage.peer.wait('200 INFO')
  const sent = dialog.request({
    method: 'INFO',
    headers: { 'Content-Type': 'application/dtmf-relay' },
    body: 'Signal=6\r\n',
  })
  stage.peer.answer(await stage.peer.wait('INFO'), '200 OK')
  stage.note(`info answered ${(await sent).status}`)
  stage.request('BYE', { ...inDialog, cseq: 3 })
  await stage.peer.wait('200 BYE')
}

async function inDialogWithoutListener(stage: Stage): Promise<void> {
  const { inDialog } = await callIn(stage)
  for (const [index, method] of ['OPTIONS', 'UPDATE', 'MESSAGE', 'NOTIFY', 'REFER'].entries()) {
    const headers =
      method === 'NOTIFY'
        ? ([
            ['Event', 'refer'],
            ['Subscription-State', 'active'],
          ] as const)
        : method === 'REFER'
          ? ([['Refer-To', '<sip:other@127.0.0.1>']] as const)
          : []
    stage.request(method, { ...inDialog, cseq: 2 + index, headers })
    const answers = stage.peer.received.length
    await stage.peer.wait(`200 ${method}`, 1, 500).catch(() => {
      stage.note(
        `${method}: ${stage.peer.received
          .slice(answers)
          .map(({ what }) => what)
          .join()}`,
      )
    })
  }
  stage.request('BYE', { ...inDialog, cseq: 9 })
  await stage.peer.wait('200 BYE')
}

async function updateWithOffer(stage: Stage): Promise<void> {
  const { dialog, inDialog } = await callIn(stage)
  dialog.on('update', (_req: Any, res: Any) => void res.send(200, { body: SDP }))
  stage.request('UPDATE', { ...inDialog, cseq: 2, body: SDP })
  await stage.peer.wait('200 UPDATE')
  stage.request('BYE', { ...inDialog, cseq: 3 })
  await stage.peer.wait('200 BYE')
}

async function staleCSeq(stage: Stage): Promise<void> {
  const { inDialog } = await callIn(stage)
  stage.request('INFO', {
    ...inDialog,
    cseq: 10,
    body: 'x',
    headers: [['Content-Type', 'text/plain']],
  })
  await stage.peer.wait('200 INFO', 1, 500).catch(() => undefined)
  stage.request('INFO', {
    ...inDialog,
    cseq: 9,
    body: 'y',
    headers: [['Content-Type', 'text/plain']],
  })
  await stage.peer.wait('500 INFO', 1, 500).catch(() => undefined)
  stage.request('BYE', { ...inDialog, cseq: 11 })
  await stage.peer.wait('200 BYE')
}

async function digest(stage: Stage): Promise<void> {
  const { peer, srf, target } = stage
  const dialing = srf.createUAC(target, {
    localSdp: SDP,
    auth: { username: 'agent', password: 'secret' },
  })
  const first = await peer.wait('INVITE')
  const challenge = 'Digest realm="trunk", nonce="abc", algorithm=MD5'
  peer.answer(first, '401 Unauthorized', { headers: [['WWW-Authenticate', challenge]] })
  const second = await peer.wait('INVITE', 2)
  stage.note(`same Call-ID: ${headerOf(first, 'Call-ID') === headerOf(second, 'Call-ID')}`)
  peer.answer(second, '200 OK', { body: SDP })
  const dialog = await dialing
  await peer.wait('ACK', 2)
  const ended = dialog.destroy()
  peer.answer(await peer.wait('BYE'), '200 OK')
  await ended
}

async function optionsAnswered(stage: Stage): Promise<void> {
  await stage.handlers((srf) => {
    srf.options((_req: Any, res: Any) => void res.send(200, { headers: { Allow: 'INVITE, BYE' } }))
  })
  stage.request('OPTIONS')
  await stage.peer.wait('200 OPTIONS')
}

async function nobodyListens(stage: Stage): Promise<void> {
  for (const method of ['INVITE', 'OPTIONS', 'MESSAGE', 'SUBSCRIBE']) {
    stage.request(method, { headers: method === 'SUBSCRIBE' ? [['Event', 'presence']] : [] })
    const answer = await stage.peer.wait(`503 ${method}`, 1, 600).catch(() => undefined)
    if (method === 'INVITE' && answer !== undefined)
      stage.requestOfSameBranch('ACK', { toTag: toTagOf(answer) })
  }
}

async function unknownDialog(stage: Stage): Promise<void> {
  await stage.handlers((srf) => {
    for (const verb of ['invite', 'info', 'options', 'message'])
      srf[verb]((_req: Any, res: Any) => void res.send(200))
  })
  for (const method of ['BYE', 'INFO', 'UPDATE', 'INVITE']) {
    stage.request(method, { toTag: 'nobody', body: method === 'INVITE' ? SDP : '' })
    const answer = await stage.peer.wait(`481 ${method}`, 1, 600).catch(() => undefined)
    if (method === 'INVITE' && answer !== undefined)
      stage.requestOfSameBranch('ACK', { toTag: 'nobody' })
  }
  stage.requestOfSameBranch('CANCEL')
  await stage.peer.wait('481 CANCEL', 1, 600).catch(() => undefined)
}

/** What the application sends outside a dialog. */
const outside =
  (method: string, options: Any = {}): Scenario =>
  async (stage) => {
    const { peer, srf, target } = stage
    const sent = new Promise<Any>((resolve, reject) => {
      srf.request(target, { method, ...options }, (error: Error | null, req: Any) => {
        if (error) reject(error)
        else req.on('response', resolve)
      })
    })
    peer.answer(await peer.wait(method), '200 OK', { contact: false })
    stage.note(`${method} answered ${(await sent).status}`)
  }

const registered = outside('REGISTER', {
  headers: {
    From: '<sip:4930555100@example.com>',
    To: '<sip:4930555100@example.com>',
    Contact: '<sip:4930555100@localhost>',
    Expires: '300',
  },
})

/** The Request-URI names the registrar, the frame names the next hop. */
const registeredByProxy: Scenario = async (stage) => {
  const { peer, srf, target } = stage
  const sent = new Promise<Any>((resolve) => {
    const options = {
      method: 'REGISTER',
      proxy: target.replace('callee@', ''),
      headers: {
        From: '<sip:4930555100@example.com>',
        To: '<sip:4930555100@example.com>',
        Contact: '<sip:4930555100@localhost>',
        Expires: '300',
      },
    }
    srf.request(
      'sip:example.com',
      options,
      (_error: unknown, req: Any) => void req.on('response', resolve),
    )
  })
  peer.answer(await peer.wait('REGISTER'), '200 OK', { contact: false })
  stage.note(`REGISTER answered ${(await sent).status}`)
}

/** An INVITE to a name, sent by an outbound proxy. */
const calledByProxy: Scenario = async (stage) => {
  const { peer, srf, target } = stage
  const dialing = srf.createUAC('sip:4930111222@example.com', {
    localSdp: SDP,
    proxy: target.replace('callee@', ''),
    headers: { From: '<sip:4930555100@example.com>', Contact: '<sip:4930555100@localhost>' },
  })
  const invite = await peer.wait('INVITE')
  peer.answer(invite, '200 OK', { body: SDP })
  const dialog = await dialing
  await peer.wait('ACK')
  const ended = dialog.destroy()
  peer.answer(await peer.wait('BYE'), '200 OK')
  await ended
}

export const REQUESTS: Readonly<Record<string, Scenario>> = {
  'INFO both ways': infoBothWays,
  'requests within the dialog that nobody listens for': inDialogWithoutListener,
  'UPDATE with an offer': updateWithOffer,
  'a sequence number that went back': staleCSeq,
  'digest challenge': digest,
  'OPTIONS in': optionsAnswered,
  'requests for which there is no route': nobodyListens,
  'requests within a dialog that never was': unknownDialog,
  'OPTIONS out': outside('OPTIONS'),
  'MESSAGE out': outside('MESSAGE', { headers: { 'Content-Type': 'text/plain' }, body: 'hello' }),
  'REGISTER out': registered,
  'REGISTER out by a proxy': registeredByProxy,
  'call out by a proxy': calledByProxy,
  'call out with the default From and Contact': async (stage) => {
    const { dialog } = await callOut(stage, { 'X-Custom': 'kept' })
    const ended = dialog.destroy()
    stage.peer.answer(await stage.peer.wait('BYE'), '200 OK')
    await ended
  },
}
