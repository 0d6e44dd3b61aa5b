// Session timers (RFC 4028) as far as a moment shows them: who offers what and what is agreed.
import type { Scenario } from './call-scenarios.ts'
import { contactUriOf, SDP, SDP_2, toTagOf, type Any, type Stage } from './stage.ts'

type Headers = readonly (readonly [string, string])[]

const offered = (sessionExpires: string, more: Headers = [['Supported', 'timer']]): Headers => [
  ['Session-Expires', sessionExpires],
  ...more,
]

/** The peer calls with that offer, refreshes once by re-INVITE and once by UPDATE, and hangs up. */
const calledWith =
  (headers: Headers, refresh?: string): Scenario =>
  async (stage) => {
    await answering(stage)
    stage.request('INVITE', { body: SDP, headers })
    const ok = await stage.peer.wait('200 INVITE', 1, 500).catch(() => undefined)
    if (ok === undefined) return
    const inDialog = { toTag: toTagOf(ok), uri: contactUriOf(ok) }
    stage.request('ACK', inDialog)
    if (refresh !== undefined) {
      const headers = offered(refresh)
      stage.request('INVITE', { ...inDialog, cseq: 2, body: SDP_2, headers })
      const again = await stage.peer.wait('200 INVITE', 2, 500).catch(() => undefined)
      if (again === undefined) stage.requestOfSameBranch('ACK', { ...inDialog, cseq: 2 })
      else stage.request('ACK', { ...inDialog, cseq: 2 })
      stage.request('UPDATE', { ...inDialog, cseq: 3, headers })
      await stage.peer.wait('200 UPDATE', 1, 500).catch(() => undefined)
    }
    stage.request('BYE', { ...inDialog, cseq: 4 })
    await stage.peer.wait('200 BYE')
  }

async function answering(stage: Stage): Promise<void> {
  await stage.handlers((srf) => {
    srf.invite((req: Any, res: Any) => {
      srf
        .createUAS(req, res, { localSdp: SDP })
        .catch((error: Any) => stage.note(`not answered: ${error.message}`))
    })
  })
}

/** The application calls and leaves the matter to the server; the peer's answer says what is agreed. */
const answeredWith =
  (agreed: Headers, headers: Record<string, string> = {}): Scenario =>
  async (stage) => {
    const { peer, srf, target } = stage
    const dialing = srf.createUAC(target, { localSdp: SDP, headers })
    const invite = await peer.wait('INVITE')
    peer.answer(invite, '200 OK', { body: SDP, headers: agreed })
    const dialog = await dialing
    await peer.wait('ACK')
    const ended = dialog.destroy()
    peer.answer(await peer.wait('BYE'), '200 OK')
    await ended
  }

export const SESSION_TIMERS: Readonly<Record<string, Scenario>> = {
  'call in, the peer refreshes': calledWith(offered('1800;refresher=uac'), '1800;refresher=uac'),
  'call in, we are to refresh': calledWith(offered('1800;refresher=uas')),
  'call in, nobody named to refresh': calledWith(offered('1800')),
  'call in, of a caller that cannot refresh': calledWith(offered('1800;refresher=uas', [])),
  'call in, required': calledWith(offered('1800;refresher=uac', [['Require', 'timer']])),
  'call in, too short': calledWith(offered('60;refresher=uac')),
  'refresh that is too short': calledWith(offered('1800;refresher=uac'), '60;refresher=uac'),
  'call out, the peer wants it': answeredWith(
    offered('1800;refresher=uac', [['Require', 'timer']]),
  ),
  'call out, the application offers it': answeredWith([], {
    'Session-Expires': '1800',
    Supported: 'timer',
  }),
}
