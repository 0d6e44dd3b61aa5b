// One REGISTER over drachtio-srf, challenges answered (RFC 3261 §10.2, §22.2).
import { AppError } from '#core/errors'
import { bindingExpiry, secondsOf } from './contact-binding.ts'
import { challengerRoute } from './digest/challenger-route.ts'
import { challengesIn } from './drachtio-challenges.ts'
import type { Srf, SrfRequest, SrfResponse } from './drachtio-types.ts'
import { localDetail, refusalDetail } from './local-failure.ts'
import { nextHop, preloadedRoute } from './outbound-proxy.ts'
import { repeatedHeaders } from './repeated-headers.ts'
import { CSEQS_A_REGISTER, type RegisterOutcome, type RegisterRequest } from './sip-port.ts'

/** In what one sending differs from the others. */
interface Sending {
  readonly cseq: number
  readonly from: string
  readonly proxy: string | undefined
}

/** Resolves with the final answer; pends for as long as none comes. */
export function sendRegister(srf: Srf, request: RegisterRequest): Promise<RegisterOutcome> {
  const { digest, requestUri: uri } = request
  const exchange = digest.begin()
  return new Promise((resolve, reject) => {
    const send = ({ cseq, from, proxy }: Sending): void => {
      const headers = {
        ...headersOf(request, cseq, from),
        ...repeatedHeaders(exchange.headersFor({ method: 'REGISTER', uri, body: '' })),
      }
      srf.request(uri, { method: 'REGISTER', headers, ...nextHop(proxy) }, (error, sent) => {
        if (error?.code === 'EDRACHTIO') resolve(notSent(error))
        else if (error || !sent)
          reject(new AppError('SIP_UNAVAILABLE', 'the SIP server is gone', { cause: error }))
        else
          sent.on('response', (response) => {
            const { status } = response
            if (status < 200) return
            const mayRepeat = cseq + 1 < request.cseq + CSEQS_A_REGISTER
            if (!mayRepeat || !exchange.accept(status, challengesIn(status, response)))
              resolve(outcomeOf(request, sent, response))
            else {
              const route = request.proxy ?? challengerRoute(uri, response)
              send({ cseq: cseq + 1, from: sent.get('From'), proxy: route })
            }
          })
      })
    }
    send({ cseq: request.cseq, from: `<${request.addressOfRecord}>`, proxy: request.proxy })
  })
}

function headersOf(request: RegisterRequest, cseq: number, from: string): Record<string, string> {
  const { addressOfRecord, contactUser, expiresSeconds, sipCallId, proxy } = request
  return {
    ...preloadedRoute(proxy),
    From: from,
    To: `<${addressOfRecord}>`,
    'Call-ID': sipCallId,
    CSeq: `${cseq} REGISTER`,
    Contact: `<sip:${contactUser}@localhost>;expires=${expiresSeconds}`,
    Expires: String(expiresSeconds),
  }
}

/** The SIP server would not send it. Its words are not kept: they may hold the address. */
const notSent = (error: Error): RegisterOutcome => ({
  status: 503,
  detail: refusalDetail(error),
  expiresSeconds: 0,
  minExpiresSeconds: undefined,
  retryAfterSeconds: undefined,
})

const headerOf = (response: SrfResponse, name: string): string | undefined =>
  response.has(name) ? response.get(name) : undefined

function outcomeOf(
  { expiresSeconds: asked }: RegisterRequest,
  sent: SrfRequest,
  response: SrfResponse,
): RegisterOutcome {
  const listed = headerOf(response, 'Contact') ?? ''
  const detail = localDetail(response)
  const { status, source_address: sourceAddress = '' } = response
  return {
    status,
    ...(detail === undefined ? {} : { detail }),
    ...(sourceAddress === '' ? {} : { sourceAddress }),
    expiresSeconds: bindingExpiry(
      listed,
      sent.get('Contact'),
      headerOf(response, 'Expires'),
      asked,
    ),
    minExpiresSeconds: secondsOf(headerOf(response, 'Min-Expires')),
    retryAfterSeconds: secondsOf(headerOf(response, 'Retry-After')),
  }
}
