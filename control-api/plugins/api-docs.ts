// /docs and /openapi.json, generated from the route schemas.
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import { accessOf, type HttpServer } from '../http-server.ts'
import { COOKIE_NAME } from '../access/session-cookie.ts'
import { describeOperation, KEY_SCHEME, SESSION_SCHEME } from './operation-docs.ts'
import { DOCS_POLICY } from './security-headers.ts'

const UI = {
  routePrefix: '/docs',
  staticCSP: DOCS_POLICY,
  theme: { title: 'voicegate API' },
  // The validator is a service outside; nothing of ours asks the outside.
  uiConfig: { validatorUrl: null, persistAuthorization: false },
}

/** Registered before the routes, so that it sees every one of them. */
export async function installApiDocs(app: HttpServer, version: string): Promise<void> {
  await app.register(swagger, {
    transform: ({ schema, url, route }) => ({
      schema: describeOperation(schema, {
        method: String(route.method),
        url,
        access: accessOf(String(route.method), route.config ?? {}),
      }),
      url,
    }),
    // Schemas keep their own names in the document; the default numbers them.
    refResolver: {
      buildLocalReference: (json, _baseUri, _fragment, index) =>
        typeof json['$id'] === 'string' ? json['$id'] : `def-${index}`,
    },
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'voicegate',
        version,
        description:
          'Phone calls over SIP, each bridged to an ElevenLabs voice agent. Times are RFC 3339 UTC with ' +
          'milliseconds, numbers E.164 with a leading plus. Errors are application/problem+json (RFC 9457).',
      },
      components: {
        securitySchemes: {
          [KEY_SCHEME]: { type: 'http', scheme: 'bearer', description: 'Made by POST /api/keys' },
          [SESSION_SCHEME]: {
            type: 'apiKey',
            in: 'cookie',
            name: COOKIE_NAME,
            description: `Of the console, by POST /api/session; behind https __Host-${COOKIE_NAME}`,
          },
        },
      },
      security: [{ [KEY_SCHEME]: [] }, { [SESSION_SCHEME]: [] }],
      tags: [
        { name: 'calls', description: 'Place, watch and end calls' },
        { name: 'access', description: 'Keys, sessions, the audit log' },
        { name: 'webhooks', description: 'Tell other programs what happens' },
        { name: 'secrets', description: 'What encrypts the secrets of others' },
        {
          name: 'vendor',
          description: 'What the agent’s vendor says: conversations, agents, webhooks',
        },
        { name: 'events', description: 'What happens, as it happens' },
        { name: 'privacy', description: 'Erase numbers and recordings' },
        {
          name: 'rehearsal',
          description: 'Play scenarios against the simulated carrier and agent',
        },
        { name: 'operation', description: 'Health, readiness, metrics' },
      ],
    },
  })
  await app.register(swaggerUi, UI)
}

export function openApiRoute(app: HttpServer): void {
  app.get('/openapi.json', { config: { access: 'open' }, schema: { hide: true } }, () =>
    app.swagger(),
  )
}
