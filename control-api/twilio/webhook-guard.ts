// Who may speak as Twilio: whoever signs for the address that Twilio knows us by. Never by the Host header, which anybody
// writes as he likes.
import type { FastifyRequest } from 'fastify'
import type { TwilioConfig } from '#core/config'
import { AppError } from '#core/errors'
import type { Metrics } from '#core/telemetry'
import { isFromHere } from '../from-here.ts'
import { isSignedBy, type SignedParams } from './signature.ts'

export interface WebhookGuard {
  /** @throws AppError `TWILIO_SIGNATURE_INVALID` */
  requireSigned(request: FastifyRequest, params: SignedParams, rawBody?: string): void
  /** The same of the upgrade to a stream, which is signed with the address of its TwiML. */
  requireSignedUpgrade(request: FastifyRequest): void
}

export interface WebhookGuardOptions {
  readonly twilio: Pick<TwilioConfig, 'authToken' | 'formerAuthToken'>
  /** PUBLIC_URL without a slash behind it. */
  readonly publicUrl: () => string
  /** Then what comes from this machine need not be signed; what is signed must be so rightly. */
  readonly rehearsal: boolean
}

export function createWebhookGuard(
  metrics: Pick<Metrics, 'add'>,
  { twilio, publicUrl, rehearsal }: WebhookGuardOptions,
): WebhookGuard {
  const { authToken, formerAuthToken } = twilio
  const tokens = formerAuthToken === undefined ? [authToken] : [authToken, formerAuthToken]

  function check(request: FastifyRequest, url: string, body: Body): void {
    const signature = request.headers['x-twilio-signature']
    if (signature === undefined && rehearsal && isFromHere(request)) return
    const isSigned =
      typeof signature === 'string' && isSignedBy(tokens, signature, { url, ...body })
    if (isSigned && body.params.every(isAsTwilioNames)) return
    metrics.add('http_refused_total', 1, { reason: 'signature' })
    throw new AppError('TWILIO_SIGNATURE_INVALID', whyNot(signature))
  }

  return {
    requireSigned(request, params, rawBody) {
      const body = rawBody === undefined ? { params } : { params, rawBody }
      check(request, publicUrl() + (request.raw.url ?? ''), body)
    },
    requireSignedUpgrade(request) {
      const url = publicUrl().replace(/^http/i, 'ws') + (request.raw.url ?? '')
      check(request, url, { params: [] })
    },
  }
}

/**
 * Names and values are signed as one text without bounds: whoever has a signed form could cut it elsewhere, and with it make
 * up calls without end. Their names have a form that a longer or a shorter piece has not.
 */
const isAsTwilioNames = ([name, value]: SignedParams[number]): boolean =>
  name !== 'CallSid' || /^CA[0-9a-f]{32}$/i.test(value)

interface Body {
  readonly params: SignedParams
  readonly rawBody?: string
}

const whyNot = (signature: unknown): string =>
  signature === undefined
    ? 'There is no X-Twilio-Signature: only Twilio may call this.'
    : 'X-Twilio-Signature does not fit this address and these parameters.'
