// Who carries a call's audio: a media server where there is one, our own RTP port else.
import type { LocalRtp } from '#core/contracts'
import { AppError } from '#core/errors'
import type { IpFamily } from '../sip/sdp/remote-sdp.ts'
import { AnchoredDescription } from './anchored.ts'
import type { Describe } from './description.ts'
import { DirectDescription } from './direct.ts'
import type { MediaServer } from './media-server-port.ts'
import { beginsAnchored } from './spoken-by.ts'

export interface DescribeParts {
  /** Of the RTP sockets: SDP of the other family is of no use. */
  readonly rtpFamily: IpFamily
  /** Written into SDP instead of the RTP socket's own address. */
  readonly advertiseAddress: string | undefined
}

export function describeBy(
  { rtpFamily: family, advertiseAddress }: DescribeParts,
  mediaServer?: MediaServer,
): Describe {
  return (described) => {
    const { local, trunk } = described
    const advertised: LocalRtp = { ...local, address: advertiseAddress ?? local.address }
    const direct = new DirectDescription({ ...described, local: advertised }, family)
    if (!mediaServer && !beginsAnchored(trunk)) return direct
    return new AnchoredDescription(described, { server: mediaServer ?? NONE, family, direct })
  }
}

/** Trunks that need one are refused call by call. */
const NONE: MediaServer = {
  isConnected: false,
  nearAddress: undefined,
  anchor: () =>
    Promise.reject(
      new AppError('MEDIA_SERVER_FAILED', 'the trunk needs a media server: set FREESWITCH_HOST'),
    ),
  close: () => Promise.resolve(),
}
