// Calls by Twilio as a feature of the control API: their webhooks, their streams, and their part of CallControl. Without an
// account its routes say which settings are missing.
import { join } from 'node:path'
import type { TwilioConfig } from '#core/config'
import type { SpanParent } from '#core/telemetry'
import type { ControlApiConfig } from '../control-api.ts'
import type { Feature, Platform } from '../features.ts'
import type { HttpServer } from '../http-server.ts'
import { publicUrlOf } from '../plugins/public-address.ts'
import { createStreamRoute } from '../routes/twilio/stream-route.ts'
import { twilioRoutes } from '../routes/twilio/twilio-routes.ts'
import { adoptCalls } from './adopt-calls.ts'
import { CallBook } from './call-book.ts'
import { createTwilioRest } from './client.ts'
import { drainCalls, endCalls } from './end-calls.ts'
import { createRecordingFetch, FETCH_OPTIONS } from './fetch-recording.ts'
import { LookUp, type LookUpTiming } from './look-up.ts'
import type { StreamTiming } from './media-stream.ts'
import { createProviderCallStore } from './provider-call-store.ts'
import { streamDeps } from './stream-door.ts'
import { createStreamTokens } from './stream-token.ts'
import { tracedRest } from './traced-rest.ts'
import { createTwilioControl } from './twilio-control.ts'
import type { TwilioDesk } from './twilio-desk.ts'
import { VoiceDesk } from './voice-desk.ts'
import { isKnownVoice } from './voices.ts'
import { createWebhookGuard } from './webhook-guard.ts'
import { createWebhookUrls } from './webhook-urls.ts'

/** Other than what is right outside tests. */
export interface TwilioTiming {
  readonly lookUp?: LookUpTiming
  readonly stream?: StreamTiming
}

export async function openTwilio(platform: Platform, config: ControlApiConfig): Promise<Feature> {
  const { twilio, rehearsal, twilioTiming = {} } = config
  const { logger, metrics } = platform
  if (twilio === undefined)
    return {
      routes: (app) => twilioRoutes(app, undefined),
      sockets: createStreamRoute({ metrics, door: undefined }),
    }
  const late: { server?: HttpServer } = {}
  const publicUrl = (): string => publicUrlOf(config, late.server)
  const desk = openDesk(platform, { config, twilio, publicUrl })
  const voice = config.ivr?.voiceName
  if (voice !== undefined && !isKnownVoice(voice)) {
    const todo =
      'write one that Twilio lists, such as Polly.Vicki-Neural, or leave VOICE_NAME empty'
    logger.warn({ todo }, 'VOICE_NAME is no voice of Twilio: each language speaks with its own')
  }
  if (!rehearsal) await desk.rest.prepare()
  await adoptCalls(desk)
  const fetching = await createRecordingFetch(
    { ...platform, ...desk },
    join(config.dataDir, 'incoming-recordings'),
  )
  platform.jobs.work('twilio.recording', FETCH_OPTIONS, fetching)
  platform.providers.register('twilio', createTwilioControl(desk))
  const lookUp = new LookUp(desk, twilioTiming.lookUp)
  const guard = createWebhookGuard(metrics, { twilio, publicUrl, rehearsal })
  const streams = streamDeps(desk, () => platform.bridge?.())
  return {
    routes(app) {
      late.server = app
      twilioRoutes(app, { desk, guard, metrics, voice: new VoiceDesk(desk) })
    },
    sockets: createStreamRoute({
      metrics,
      door: { streams, guard, timing: twilioTiming.stream },
    }),
    drainCalls(deadline) {
      desk.isDraining = true
      return drainCalls(desk, deadline)
    },
    endCalls() {
      desk.isDraining = true
      return endCalls(desk)
    },
    close() {
      lookUp.close()
      return Promise.resolve()
    },
  }
}

interface DeskOptions {
  readonly config: ControlApiConfig
  readonly twilio: TwilioConfig
  readonly publicUrl: () => string
}

function openDesk(platform: Platform, { config, twilio, publicUrl }: DeskOptions): TwilioDesk {
  const { logger, clock, events, metrics, database, journal, directory, calls, jobs } = platform
  const { tracing } = platform
  const book = new CallBook()
  const rest = createTwilioRest(metrics, twilio)
  const spanOf = (sid: string): SpanParent | undefined => {
    const callId = book.findBySid(sid)?.identity.callId
    return callId && tracing.inCall(callId)
  }
  return {
    ...{ logger, clock, events, metrics, journal, directory, calls, jobs, twilio },
    mint: platform.mint,
    flows: platform.flows,
    ivr: config.ivr,
    recordCalls: config.settings?.recordCalls ?? 'off',
    book,
    store: createProviderCallStore(database),
    rest: tracing.ratio > 0 ? tracedRest(rest, spanOf) : rest,
    urls: createWebhookUrls(publicUrl),
    tokens: createStreamTokens(twilio.authToken),
    callControl: platform.callControl,
    canStream: () => platform.mint !== undefined && platform.bridge?.() !== undefined,
    isDraining: false,
  }
}
