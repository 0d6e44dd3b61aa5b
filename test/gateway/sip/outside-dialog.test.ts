import t from 'tap'
import { newCallId, requestText, SipPeer } from '../embedded/sip-peer.ts'
import { openDrachtioStage } from './drachtio-stage.ts'

t.test('what belongs to no call is refused, and says what we understand', async (t) => {
  const { address, target } = await openDrachtioStage(t)
  const peer = await SipPeer.open(t)
  const ask = (method: string, toTag?: string): void =>
    peer.send(requestText({ method, target, peer, callId: newCallId(), toTag }), address)
  ask('INFO')
  await peer.wait('481 INFO')
  ask('INFO', 'of-a-call-that-is-over')
  await peer.wait('481 INFO', 2)
  ask('NOTIFY')
  await peer.wait('481 NOTIFY')
  for (const method of ['REGISTER', 'MESSAGE', 'SUBSCRIBE', 'PUBLISH']) {
    ask(method)
    const refused = await peer.wait(`405 ${method}`)
    t.match(refused.headers.get('Allow'), /INVITE, .*INFO/, method)
  }
})
