// /api/settings/log-level: more of the log for a while, without a restart. Of this process alone.
import { Type, type Static } from '@fastify/type-provider-typebox'
import { ms, rfc3339 } from '#core/contracts'
import {
  CHOSEN_LOG_LEVELS,
  LOG_LEVELS,
  type LogLevelState,
  type LogLevelSwitch,
} from '#core/telemetry'
import type { AuditLog } from '../access/audit-log.ts'
import type { Database } from '../db/database.ts'
import type { HttpServer } from '../http-server.ts'
import { problem } from './problem.ts'

export interface LogLevelDeps {
  readonly logLevel: LogLevelSwitch
  readonly database: Pick<Database, 'write'>
  readonly audit: AuditLog
}

const MINUTE_MS = 60_000
const USUAL_MINUTES = 60
const MAX_MINUTES = 24 * 60

const strict = { additionalProperties: false }
const state = Type.Object(
  {
    level: Type.Enum([...LOG_LEVELS]),
    configured: Type.Enum([...LOG_LEVELS], { description: 'LOG_LEVEL' }),
    until: Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
      description: 'When it goes back to that by itself; null: it is that',
    }),
  },
  strict,
)
const wish = Type.Object(
  {
    level: Type.Union([Type.Enum([...CHOSEN_LOG_LEVELS]), Type.Null()], {
      description: 'null: LOG_LEVEL, which may be a higher one',
    }),
    minutes: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MAX_MINUTES,
        default: USUAL_MINUTES,
        description: 'How long, when it is another level than LOG_LEVEL',
      }),
    ),
  },
  strict,
)
const config = { access: 'admin' } as const
const tags = ['operation']
const response = { 200: state, '4xx': problem, 503: problem }

export function logLevelRoutes(app: HttpServer, { logLevel, database, audit }: LogLevelDeps): void {
  const summary = 'From which level on this process writes its log'
  const read = { operationId: 'getLogLevel', tags, summary, response }
  app.get('/api/settings/log-level', { config, schema: read }, () => view(logLevel.state()))
  const change = {
    operationId: 'changeLogLevel',
    tags,
    summary: 'Change the level of the log for a while; the next start knows only LOG_LEVEL',
    body: wish,
    response,
  }
  app.put('/api/settings/log-level', { config, schema: change }, async (request) => {
    const { configured } = logLevel.state()
    const { minutes = USUAL_MINUTES } = request.body
    const level = request.body.level ?? configured
    const detail = { level, ...(level === configured ? {} : { minutes }) }
    await database.write([audit.noted(request.principal, 'log_level.changed', null, detail)])
    return view(logLevel.change(level, ms(minutes * MINUTE_MS)))
  })
}

const view = ({ level, configured, until }: LogLevelState): Static<typeof state> => ({
  level,
  configured,
  until: until === null ? null : rfc3339(until),
})
