// GET /api/calls/{id}/flow: what the menu asked on a call, the consent with its proof, the orders that were named;
// POST /api/calls/{id}/consent/withdraw: the caller takes the consent back.
import { Type } from '@fastify/type-provider-typebox'
import { AppError } from '#core/errors'
import type { Clock } from '#core/time'
import type { CallRepository } from '../../calls/repository.ts'
import type { HttpServer } from '../../http-server.ts'
import {
  consentSchema,
  flowStepSchema,
  readConsent,
  readFlow,
  viewConsent,
  viewStep,
} from '../../ivr/flow-record.ts'
import type { OrderStore } from '../../orders/order-store.ts'
import { orderSchema, viewOrder } from '../../orders/order-view.ts'
import { deleteRecording, type DeleteRecordingDeps } from '../../privacy/delete-recording.ts'
import { findCall } from '../calls/find-call.ts'
import { problem } from '../problem.ts'
import { viewTime } from '../../view-parts.ts'

export interface CallFlowRoutesDeps extends DeleteRecordingDeps {
  readonly calls: CallRepository
  readonly orders: OrderStore
  readonly clock: Clock
}

const strict = { additionalProperties: false }
const params = Type.Object({ call_id: Type.String({ maxLength: 64 }) })
const maybeTime = Type.Union([Type.String({ format: 'date-time' }), Type.Null()])

const flowSchema = Type.Object(
  {
    call_id: Type.String(),
    language: Type.Union([Type.String(), Type.Null()], {
      description: 'In which it began; null: the call was not in the menu',
    }),
    started_at: maybeTime,
    finished_at: Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
      description: 'When nothing more was asked, or the call was over; null while it goes on',
    }),
    steps: Type.Array(flowStepSchema, { description: 'In order' }),
    consent: Type.Union([consentSchema, Type.Null()]),
    orders: Type.Array(orderSchema, { description: 'That were confirmed on this call' }),
  },
  strict,
)

export function callFlowRoutes(app: HttpServer, deps: CallFlowRoutesDeps): void {
  const { calls, database, orders } = deps
  const schema = {
    operationId: 'getCallFlow',
    tags: ['orders'],
    summary: 'What the menu asked on a call and was answered, consent with its proof, orders',
    params,
    response: { 200: flowSchema, '4xx': problem, 503: problem },
  }
  app.get('/api/calls/:call_id/flow', { schema }, async (request) => {
    const { call_id: callId } = await findCall(calls, request.params.call_id)
    const { flow, steps, consent } = await readFlow(database, callId)
    const finishedAt = flow?.finished_at ?? null
    return {
      call_id: callId,
      language: flow?.language ?? null,
      started_at: flow === undefined ? null : viewTime(flow.started_at),
      finished_at: finishedAt === null ? null : viewTime(finishedAt),
      steps: steps.map(viewStep),
      consent: consent === undefined ? null : viewConsent(consent),
      orders: (await orders.ofCall(callId)).map(viewOrder),
    }
  })
  withdrawRoute(app, deps)
}

function withdrawRoute(app: HttpServer, deps: CallFlowRoutesDeps): void {
  const { calls, database, audit, clock } = deps
  const schema = {
    operationId: 'withdrawConsent',
    tags: ['orders'],
    summary: 'Note that the caller took the consent back, and delete the recording of the call',
    params,
    response: {
      200: Type.Object({ consent: consentSchema, recording_deleted: Type.Boolean() }, strict),
      '4xx': problem,
      503: problem,
    },
  }
  app.post('/api/calls/:call_id/consent/withdraw', { schema }, async (request) => {
    const row = await findCall(calls, request.params.call_id)
    const consent = await readConsent(database, row.call_id)
    if (consent?.given !== 1)
      throw new AppError('NOT_FOUND', 'There is no consent of this call to withdraw.')
    const withdrawn = consent.withdrawn_at ?? clock.now()
    const by = consent.withdrawn_by ?? request.principal.keyId
    // The audio first: that it is withdrawn is said when nothing is left of it.
    const isDeleted = await deleteRecording(deps, row, request.principal)
    if (consent.withdrawn_at === null)
      await database.write([
        database.query
          .updateTable('consents')
          .set({ withdrawn_at: withdrawn, withdrawn_by: by })
          .where('consent_id', '=', consent.consent_id),
        audit.noted(request.principal, 'consent.withdrawn', row.call_id),
      ])
    return {
      consent: viewConsent({ ...consent, withdrawn_at: withdrawn, withdrawn_by: by }),
      recording_deleted: isDeleted,
    }
  })
}
