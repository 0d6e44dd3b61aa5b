// The BYE of a dialog that this run knows only by what was written down (RFC 3261 §12.2.1.1, §15.1.1).
import type { DialogIdentity } from '#core/contracts'
import { AppError } from '#core/errors'
import type { DigestClient } from './digest/digest-client.ts'
import { challengesIn } from './drachtio-challenges.ts'
import type { Srf } from './drachtio-types.ts'
import { nextHop } from './outbound-proxy.ts'
import { repeatedHeaders, type HeaderLine } from './repeated-headers.ts'

/**
 * Above every number the dialog may have used since it was written down: its session is refreshed at most once in 45 s
 * (RFC 4028 §4, §10). A server that still knows the dialog counts on by itself.
 */
const SEQ_MARGIN = 1000

interface ReleaseRequest {
  readonly requestUri: string
  /** Where it is sent, when that is not the Request-URI. */
  readonly proxy: string | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly cseq: number
}

/**
 * The final status; null when the SIP server would not send it. Its words are not kept: they hold the address.
 * @throws AppError `SIP_UNAVAILABLE`
 */
export function sendRelease(
  srf: Srf,
  dialog: DialogIdentity,
  digest: DigestClient | undefined,
): Promise<number | null> {
  const { requestUri, proxy, headers, cseq: firstCSeq } = releaseRequest(dialog)
  const exchange = digest?.begin()
  return new Promise((resolve, reject) => {
    const send = (cseq: number, credentials: readonly HeaderLine[]): void => {
      const all = { ...headers, CSeq: `${cseq} BYE`, ...repeatedHeaders(credentials) }
      srf.request(requestUri, { method: 'BYE', headers: all, ...nextHop(proxy) }, (error, sent) => {
        if (error?.code === 'EDRACHTIO') resolve(null)
        else if (error || !sent) reject(new AppError('SIP_UNAVAILABLE', 'the SIP server is gone'))
        else
          sent.on('response', (response) => {
            const { status } = response
            if (status < 200) return
            if (exchange?.accept(status, challengesIn(status, response)) !== true) resolve(status)
            else send(cseq + 1, exchange.headersFor({ method: 'BYE', uri: requestUri, body: '' }))
          })
      })
    }
    send(firstCSeq, [])
  })
}

export function releaseRequest(dialog: DialogIdentity): ReleaseRequest {
  const { remoteTarget, routeSet } = dialog
  const [first] = routeSet
  const isLoose = first === undefined || /;\s*lr\s*(?=[;>=]|$)/i.test(first)
  // A strict router (RFC 2543) wants itself as Request-URI and the target as the last route.
  const routes = isLoose ? routeSet : [...routeSet.slice(1), `<${remoteTarget}>`]
  return {
    requestUri: isLoose ? remoteTarget : uriOf(first),
    proxy: dialog.natAddress ?? (first === undefined ? undefined : uriOf(first)),
    headers: {
      ...(routes.length === 0 ? {} : { Route: routes.join(', ') }),
      From: dialog.localAddress,
      To: dialog.remoteAddress,
      'Call-ID': dialog.sipCallId,
    },
    cseq: dialog.localSeq + SEQ_MARGIN,
  }
}

const uriOf = (route: string): string => /<([^>]*)>/.exec(route)?.[1] ?? route
