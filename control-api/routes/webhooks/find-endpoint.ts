// The webhook endpoint that a path names.
import { Type } from '@fastify/type-provider-typebox'
import { AppError } from '#core/errors'
import type { EndpointRow, Endpoints } from '../../webhooks/endpoints.ts'

export const oneEndpoint = Type.Object({ endpoint_id: Type.String({ maxLength: 64 }) })

/** @throws AppError `NOT_FOUND` */
export async function findEndpoint(endpoints: Endpoints, endpointId: string): Promise<EndpointRow> {
  const row = await endpoints.find(endpointId)
  if (!row) throw new AppError('NOT_FOUND', 'There is no webhook endpoint with this id.')
  return row
}
