// A call that comes in: an application that answers it, and a caller that writes its own messages.
import { connectApp, openRig, routesSettle, type Any, type Rig, type Teardown } from './harness.ts'
import { newBranch, newCallId, requestText, SDP, SipPeer, type Received } from './sip-peer.ts'

export const tagIn = (message: Received): string =>
  /tag=([^;\s]+)/.exec(message.headers.get('To') ?? '')?.[1] ?? ''

/** A caller with its INVITE under way. */
export function call(peer: SipPeer, rig: Rig, more: { headers?: string[]; branch?: string } = {}) {
  const callId = newCallId()
  const branch = more.branch ?? newBranch()
  const invite = requestText({
    method: 'INVITE',
    target: rig.target,
    peer,
    callId,
    branch,
    body: SDP,
    headers: more.headers ?? [],
  })
  peer.send(invite, rig.address)
  const within = (method: string, seq: number, toTag?: string, ownBranch?: string): void => {
    const parts = { method, target: rig.target, peer, callId, seq, toTag }
    peer.send(
      requestText(ownBranch === undefined ? parts : { ...parts, branch: ownBranch }),
      rig.address,
    )
  }
  return { callId, branch, invite, within }
}

export async function answeringRig(
  t: Teardown,
  onDialog: (dialog: Any, req: Any) => void = () => undefined,
) {
  const rig = await openRig(t)
  const srf = await connectApp(t, rig)
  srf.invite((req: Any, res: Any) => {
    srf.createUAS(req, res, { localSdp: SDP }).then(
      (dialog: Any) => onDialog(dialog, req),
      () => undefined,
    )
  })
  await routesSettle()
  return { rig, srf, peer: await SipPeer.open(t) }
}
