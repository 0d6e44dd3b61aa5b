// Questions to a trunk that change nothing there, over drachtio-srf, challenges answered (RFC 3261 §11, §10.2.3, §22).
import { randomUUID } from 'node:crypto'
import DrachtioSrf from 'drachtio-srf'
import type { Milliseconds } from '#core/contracts'
import { AppError } from '#core/errors'
import { waitFor } from '#core/lifecycle'
import { challengerRoute } from './digest/challenger-route.ts'
import type { DigestClient } from './digest/digest-client.ts'
import { challengesIn } from './drachtio-challenges.ts'
import { disconnect } from './drachtio-disconnect.ts'
import type { Srf, SrfMessage } from './drachtio-types.ts'
import type { SipServerAddress } from './drachtio.ts'
import { localDetail, refusalDetail } from './local-failure.ts'
import { nextHop, preloadedRoute } from './outbound-proxy.ts'
import { repeatedHeaders } from './repeated-headers.ts'

export interface ProbeQuestion {
  /** A REGISTER without Contact asks who is registered, and registers nobody. */
  readonly method: 'OPTIONS' | 'REGISTER'
  readonly requestUri: string
  /** Who asks: `sip:user@domain`. */
  readonly addressOfRecord: string
  readonly proxy?: string | undefined
  readonly digest?: DigestClient | undefined
  readonly timeout: Milliseconds
}

export interface ProbeAnswer {
  readonly status: number
  /** Why our own SIP server could not ask; absent when the far end answered. */
  readonly detail?: string
  /** It asked for credentials, and got them. */
  readonly challenged: boolean
  /** What the far end wrote; empty where it wrote none. Via: ours, with where it saw us (RFC 3581). */
  readonly via: string
  readonly date: string
}

export interface SipProbe {
  /** @throws AppError `TIMED_OUT` after `timeout`, `SIP_UNAVAILABLE`. */
  ask(question: ProbeQuestion): Promise<ProbeAnswer>
  close(): void
}

/** @throws AppError `SIP_UNAVAILABLE`, `TIMED_OUT` when the SIP server does not accept us; it is left alone then. */
export async function openProbe(
  { host, port, secret }: SipServerAddress,
  timeout: Milliseconds,
): Promise<SipProbe> {
  const srf = new DrachtioSrf() as unknown as Srf
  const connected = new Promise<void>((resolve, reject) => {
    const unavailable = (cause: Error): AppError =>
      new AppError('SIP_UNAVAILABLE', 'the SIP server is not there', { cause })
    srf.on('error', (error) => reject(unavailable(error)))
    srf.on('connect', (error) => {
      if (error) reject(unavailable(error))
      else resolve()
    })
  })
  srf.connect({ host, port, secret, reconnect: { retryMaxDelay: timeout } })
  try {
    await waitFor(connected, { name: 'the SIP server', timeout })
  } catch (error) {
    disconnect(srf)
    throw error
  }
  return {
    ask: (question) =>
      waitFor(sendQuestion(srf, question), {
        name: `the answer to ${question.method}`,
        timeout: question.timeout,
      }),
    close: () => disconnect(srf),
  }
}

interface Sending {
  readonly cseq: number
  readonly from: string
  readonly proxy: string | undefined
}

/** Resolves with the final answer; pends for as long as none comes. */
export function sendQuestion(srf: Srf, question: ProbeQuestion): Promise<ProbeAnswer> {
  const { method, requestUri: uri, addressOfRecord } = question
  const exchange = question.digest?.begin()
  const callId = randomUUID()
  return new Promise((resolve, reject) => {
    const sendOnce = ({ cseq, from, proxy }: Sending): void => {
      const headers = {
        ...preloadedRoute(question.proxy),
        From: from,
        To: `<${method === 'REGISTER' ? addressOfRecord : uri}>`,
        'Call-ID': callId,
        CSeq: `${cseq} ${method}`,
        ...repeatedHeaders(exchange?.headersFor({ method, uri, body: '' }) ?? []),
      }
      const challenged = cseq > 1
      srf.request(uri, { method, headers, ...nextHop(proxy) }, (error, sent) => {
        if (error?.code === 'EDRACHTIO')
          resolve({ status: 503, detail: refusalDetail(error), challenged, via: '', date: '' })
        else if (error || !sent) reject(new AppError('SIP_UNAVAILABLE', 'the SIP server is gone'))
        else
          sent.on('response', (response) => {
            const { status } = response
            if (status < 200) return
            if (exchange?.accept(status, challengesIn(status, response)) === true) {
              const route = question.proxy ?? challengerRoute(uri, response)
              sendOnce({ cseq: cseq + 1, from: sent.get('From'), proxy: route })
              return
            }
            const detail = localDetail(response)
            const written = { via: writtenIn(response, 'Via'), date: writtenIn(response, 'Date') }
            resolve({ status, challenged, ...written, ...(detail === undefined ? {} : { detail }) })
          })
      })
    }
    sendOnce({ cseq: 1, from: `<${addressOfRecord}>`, proxy: question.proxy })
  })
}

const writtenIn = (response: SrfMessage, header: string): string =>
  response.has(header) ? response.get(header) : ''
