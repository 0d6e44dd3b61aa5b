// GET /api/trunks: the ways to and from the telephone network, as they are defined and as they are.
import { Type } from '@fastify/type-provider-typebox'
import type { HttpServer } from '../../http-server.ts'
import { trunkSchema, viewTrunk, type TrunkStates } from './trunk-view.ts'

const schema = {
  operationId: 'listTrunks',
  tags: ['operation'],
  summary: 'The trunks of this node: how they are defined, registered and reached; all on one page',
  response: {
    200: Type.Object(
      {
        items: Type.Array(trunkSchema),
        next_cursor: Type.Null(),
        sip_server_away: Type.Boolean({ description: 'Nothing can be placed or taken now' }),
      },
      { additionalProperties: false },
    ),
  },
}

export function trunkRoutes(app: HttpServer, states: () => TrunkStates): void {
  app.get('/api/trunks', { schema }, () => {
    const { trunks, sipServerIsAway } = states()
    return { items: trunks.map(viewTrunk), next_cursor: null, sip_server_away: sipServerIsAway }
  })
}
