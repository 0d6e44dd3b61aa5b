// Telephony of Voximplant: accounts, applications with their scenarios, calls, history.
import type { CallId } from '#core/contracts'
import type { ControlApiConfig } from '../control-api.ts'
import type { Feature, Platform } from '../features.ts'
import type { HttpServer } from '../http-server.ts'
import { publicUrlOf } from '../plugins/public-address.ts'
import { accountRoutes } from '../routes/voximplant/account-routes.ts'
import { applicationRoutes } from '../routes/voximplant/application-routes.ts'
import { pushRoutes } from '../routes/voximplant/push-routes.ts'
import { voximplantNotConfigured } from '../routes/voximplant/route-words.ts'
import { voximplantWebhookRoutes } from '../routes/voximplant/webhook-routes.ts'
import { createVendorCallStore } from './calls/call-store.ts'
import { openCallDesk, type CallDesk } from './calls/open-call-desk.ts'
import { openCallData, type CallData } from './open-call-data.ts'
import { createRecordErasure } from './erase-records.ts'
import { openVoximplantDesk, type VoximplantDesk } from './voximplant-desk.ts'

export async function openVoximplant(
  platform: Platform,
  config: ControlApiConfig,
): Promise<Feature> {
  const late: { server?: HttpServer; calls?: CallDesk } = {}
  const desk = openVoximplantDesk(platform, {
    config,
    publicUrl: () => publicUrlOf(config, late.server),
  })
  platform.agentKeys.register(desk.keyOfCall)
  platform.telephonyCopies.register(createRecordErasure(desk))
  const data = await openCallData(platform, config, {
    ...desk,
    vendorCalls: createVendorCallStore(platform.database),
    settle: async (...told) => (await late.calls?.settleFromHistory(...told)) ?? 'over',
    timing: config.voximplant?.dataTiming,
  })
  const onEnded = (callId: CallId): void => data.onEnded(callId)
  const calls =
    config.voximplant &&
    (await openCallDesk(platform, { ...desk, config: config.voximplant, onEnded }))
  if (calls) late.calls = calls
  return {
    routes(app) {
      late.server = app
      voximplantRoutes(app, desk, data)
      if (calls) calls.routes(app)
      else voximplantWebhookRoutes(app, undefined)
    },
    async drainCalls(deadline) {
      await calls?.drainCalls(deadline)
    },
    async close() {
      await calls?.close()
      await data.close()
    },
  }
}

/** Where nothing is set up, they say so, to whoever may use them. */
function voximplantRoutes(app: HttpServer, desk: VoximplantDesk, data: CallData): void {
  void app.register((scope: HttpServer, _options, done) => {
    if (!desk.isConfigured)
      scope.addHook('onRequest', (_request, _reply, next) => next(voximplantNotConfigured()))
    accountRoutes(scope, desk)
    applicationRoutes(scope, desk)
    pushRoutes(scope, desk)
    data.routes(scope)
    done()
  })
}
