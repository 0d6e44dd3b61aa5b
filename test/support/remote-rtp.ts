// The far end of an RTP session as its SDP would describe it: PCMU and nothing else, unless the test says otherwise.
import type { RemoteRtp } from '../../core/contracts/index.ts'

export function remoteRtp(
  remote: { readonly address: string; readonly port: number } & Partial<RemoteRtp>,
): RemoteRtp {
  return {
    formats: [{ codec: 'PCMU', payloadType: 0 }],
    telephoneEventType: null,
    rtcpPort: remote.port + 1,
    receives: true,
    sends: true,
    ...remote,
  }
}
