// A dialog's identity as the gateway writes it down.
import type { DialogIdentity } from '../../core/contracts/index.ts'

export const aDialog = (given: Partial<DialogIdentity> = {}): DialogIdentity => ({
  sipCallId: 's1',
  localTag: 'l',
  remoteTag: 'r',
  remoteTarget: 'sip:callee@127.0.0.1',
  localAddress: '<sip:+4930555100@127.0.0.1>;tag=l',
  remoteAddress: '<sip:+4930123456@127.0.0.1>;tag=r',
  routeSet: [],
  localSeq: 1,
  natAddress: null,
  ...given,
})
