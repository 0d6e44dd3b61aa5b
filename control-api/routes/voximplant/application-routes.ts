// /api/voximplant/applications: which application of Voximplant talks to which agent, and the scenario that does it.
import { Type } from '@fastify/type-provider-typebox'
import type { HttpServer } from '../../http-server.ts'
import type { ApplicationDesk } from '../../voximplant/applications/application-desk.ts'
import type { PushDesk } from '../../voximplant/applications/push-desk.ts'
import { SCENARIO_SECRETS } from '../../voximplant/applications/scenario-of.ts'
import {
  applicationChangeSchema,
  applicationSchema,
  newApplicationSchema,
  viewApplication,
} from './application-view.ts'
import { failures, tags } from './route-words.ts'

export interface ApplicationRoutesDeps {
  readonly applicationDesk: ApplicationDesk
  readonly pushDesk: PushDesk
}

const config = { access: 'admin' } as const
const strict = { additionalProperties: false }
const params = Type.Object({ id: Type.String({ maxLength: 64 }) })
const one = '/api/voximplant/applications/:id'

export function applicationRoutes(app: HttpServer, deps: ApplicationRoutesDeps): void {
  listRoute(app, deps)
  addRoute(app, deps)
  readRoute(app, deps)
  changeRoute(app, deps)
  removeRoute(app, deps)
  scenarioRoute(app, deps)
  downloadRoute(app, deps)
}

function listRoute(app: HttpServer, { applicationDesk, pushDesk }: ApplicationRoutesDeps): void {
  const schema = {
    operationId: 'listVoximplantApplications',
    tags,
    summary: 'Applications, oldest first',
    querystring: Type.Object(
      {
        account: Type.Optional(
          Type.String({ maxLength: 64, description: 'Of this account (ours) alone' }),
        ),
      },
      strict,
    ),
    response: {
      200: Type.Object({ items: Type.Array(applicationSchema), next_cursor: Type.Null() }, strict),
      ...failures,
    },
  }
  app.get('/api/voximplant/applications', { schema }, async (request) => {
    const all = await applicationDesk.list(request.query.account)
    return { items: all.map((known) => viewApplication(known, pushDesk)), next_cursor: null }
  })
}

function addRoute(app: HttpServer, { applicationDesk, pushDesk }: ApplicationRoutesDeps): void {
  const schema = {
    operationId: 'addVoximplantApplication',
    tags,
    summary: 'Link an application of an account with an agent; nothing changes at the vendor',
    body: newApplicationSchema,
    response: { 201: applicationSchema, ...failures },
  }
  app.post('/api/voximplant/applications', { config, schema }, async (request, reply) => {
    const known = await applicationDesk.add(request.principal, request.body)
    return reply
      .status(201)
      .header('location', `/api/voximplant/applications/${known.row.application_id}`)
      .send(viewApplication(known, pushDesk))
  })
}

function readRoute(app: HttpServer, { applicationDesk, pushDesk }: ApplicationRoutesDeps): void {
  const schema = {
    operationId: 'getVoximplantApplication',
    tags,
    summary: 'One application',
    params,
    response: { 200: applicationSchema, ...failures },
  }
  app.get(one, { schema }, async (request) =>
    viewApplication(await applicationDesk.find(request.params.id), pushDesk),
  )
}

function changeRoute(app: HttpServer, { applicationDesk, pushDesk }: ApplicationRoutesDeps): void {
  const schema = {
    operationId: 'changeVoximplantApplication',
    tags,
    summary: 'Change an application; its calls change with the next push',
    params,
    body: applicationChangeSchema,
    response: { 200: applicationSchema, ...failures },
  }
  app.patch(one, { config, schema }, async (request) => {
    const { body, params: asked, principal } = request
    return viewApplication(await applicationDesk.change(principal, asked.id, body), pushDesk)
  })
}

function removeRoute(app: HttpServer, { applicationDesk }: ApplicationRoutesDeps): void {
  const schema = {
    operationId: 'removeVoximplantApplication',
    tags,
    summary: 'Remove an application; its calls stay, and nothing changes at the vendor',
    params,
    response: { 204: Type.Null(), ...failures },
  }
  app.delete(one, { config, schema }, async (request, reply) => {
    await applicationDesk.remove(request.principal, request.params.id)
    return reply.status(204).send(null)
  })
}

function scenarioRoute(app: HttpServer, deps: ApplicationRoutesDeps): void {
  const { applicationDesk, pushDesk } = deps
  const schema = {
    operationId: 'getVoximplantScenario',
    tags,
    summary: 'The scenario of an application, and the secrets that it reads there',
    params,
    response: {
      200: Type.Object(
        {
          name: Type.String(),
          code: Type.String(),
          sha256: Type.String(),
          secrets: Type.Array(Type.Object({ name: Type.String(), what: Type.String() }, strict)),
          webhook_url: Type.String(),
        },
        strict,
      ),
      ...failures,
    },
  }
  app.get(`${one}/scenario`, { schema }, async (request) => {
    const { row } = await applicationDesk.find(request.params.id)
    const { name, code, sha256 } = pushDesk.scenario(row)
    const secrets = SCENARIO_SECRETS.map((secret) => ({ ...secret }))
    return { name, code, sha256, secrets, webhook_url: pushDesk.webhookUrl(row) }
  })
}

function downloadRoute(app: HttpServer, deps: ApplicationRoutesDeps): void {
  const { applicationDesk, pushDesk } = deps
  const schema = {
    operationId: 'downloadVoximplantScenario',
    tags,
    summary: 'The scenario of an application as a file',
    params,
    response: {
      200: {
        description: 'JavaScript of VoxEngine',
        content: { 'text/javascript': { schema: Type.String() } },
      },
      ...failures,
    },
  }
  app.get(`${one}/scenario.js`, { schema }, async (request, reply) => {
    const { row } = await applicationDesk.find(request.params.id)
    const { name, code } = pushDesk.scenario(row)
    return reply
      .type('text/javascript; charset=utf-8')
      .header('content-disposition', `attachment; filename="${name}.js"`)
      .send(code)
  })
}
