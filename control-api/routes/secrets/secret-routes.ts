// /api/secrets: which keys hold the secrets that are kept, and their rotation while it runs.
import { Type, type Static } from '@fastify/type-provider-typebox'
import type { AuditLog } from '../../access/audit-log.ts'
import type { Database } from '../../db/database.ts'
import type { HttpServer } from '../../http-server.ts'
import type { RotationReport } from '../../secrets/rotation.ts'
import type { Vault } from '../../secrets/vault.ts'
import { problem } from '../problem.ts'

export interface SecretRoutesDeps {
  readonly vault: Vault
  readonly database: Pick<Database, 'write'>
  readonly audit: AuditLog
}

const perKey = Type.Array(
  Type.Object({ key_id: Type.String(), secrets: Type.Integer() }, { additionalProperties: false }),
)
const reportSchema = Type.Object(
  {
    active_key_id: Type.Union([Type.String(), Type.Null()], {
      description: 'The first of SECRETS_KEY; null: nothing can be kept encrypted',
    }),
    secrets: Type.Integer(),
    rewrapped: Type.Integer({ description: 'By this request' }),
    by_key: perKey,
    unopened: perKey,
    unused_key_ids: Type.Array(Type.String(), {
      description: 'Nothing needs them any more: they may be taken out of SECRETS_KEY',
    }),
  },
  { additionalProperties: false },
)
const tags = ['secrets']

export function secretRoutes(app: HttpServer, { vault, database, audit }: SecretRoutesDeps): void {
  const config = { access: 'admin' } as const
  app.get(
    '/api/secrets',
    {
      config,
      schema: {
        operationId: 'examineSecrets',
        tags,
        summary: 'Which keys encrypt the secrets of others that are kept',
        response: { 200: reportSchema, '4xx': problem, 503: problem },
      },
    },
    async () => viewReport(await vault.examine()),
  )
  app.post(
    '/api/secrets/rotate',
    {
      config,
      schema: {
        operationId: 'rotateSecrets',
        tags,
        summary: 'Encrypt all kept secrets by the first key of SECRETS_KEY',
        response: { 200: reportSchema, '4xx': problem, 503: problem },
      },
    },
    async (request) => {
      const report = await vault.rotate()
      const { activeKeyId, rewrapped } = report
      await database.write([
        audit.noted(request.principal, 'secrets.rotated', activeKeyId, { rewrapped }),
      ])
      return viewReport(report)
    },
  )
}

const viewReport = (report: RotationReport): Static<typeof reportSchema> => ({
  active_key_id: report.activeKeyId,
  secrets: report.secrets,
  rewrapped: report.rewrapped,
  by_key: report.byKey.map(({ keyId, count }) => ({ key_id: keyId, secrets: count })),
  unopened: report.unopened.map(({ keyId, count }) => ({ key_id: keyId, secrets: count })),
  unused_key_ids: [...report.unusedKeyIds],
})
