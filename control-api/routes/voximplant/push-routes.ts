// /api/voximplant/applications/{id}/push: what a push of the scenario would change at Voximplant, and the push.
import { Type } from '@fastify/type-provider-typebox'
import type { HttpServer } from '../../http-server.ts'
import type { PushDesk } from '../../voximplant/applications/push-desk.ts'
import { PUSH_ACTIONS, PUSH_STEPS } from '../../voximplant/applications/push-plan.ts'
import { applicationSchema, viewApplication } from './application-view.ts'
import { failures, tags } from './route-words.ts'

export interface PushRoutesDeps {
  readonly pushDesk: PushDesk
}

const config = { access: 'admin' } as const
const strict = { additionalProperties: false }
const params = Type.Object({ id: Type.String({ maxLength: 64 }) })
const url = '/api/voximplant/applications/:id/push'
const step = Type.Enum([...PUSH_STEPS])
const action = Type.Enum([...PUSH_ACTIONS])
const sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' })
const scenario = { name: Type.String(), code: Type.String(), sha256 }

const planSchema = Type.Object(
  {
    problems: Type.Array(Type.Object({ field: Type.String(), problem: Type.String() }, strict), {
      description: 'While there is one, nothing is pushed',
    }),
    steps: Type.Array(Type.Object({ step, action, what: Type.String() }, strict)),
    current: Type.Union(
      [Type.Object({ scenario_id: Type.String(), ...scenario }, strict), Type.Null()],
      { description: 'What is at Voximplant; null: nothing, or it could not be looked for' },
    ),
    wanted: Type.Object(scenario, strict),
    is_same: Type.Boolean(),
  },
  strict,
)

const bodySchema = Type.Object(
  {
    current_sha256: Type.Union([sha256, Type.Null()], {
      description:
        'Of `current` in the preview: when something else is there by now, the answer is 409',
    }),
  },
  strict,
)

const resultSchema = Type.Object(
  {
    steps: Type.Array(
      Type.Object({ step, action, ok: Type.Boolean(), detail: Type.String() }, strict),
      { description: 'Up to the first that failed; pushed again, what is done is not done twice' },
    ),
    application: applicationSchema,
  },
  strict,
)

export function pushRoutes(app: HttpServer, { pushDesk }: PushRoutesDeps): void {
  const preview = {
    operationId: 'previewVoximplantPush',
    tags,
    summary: 'What a push would change at Voximplant, and what stands in its way',
    params,
    response: { 200: planSchema, ...failures },
  }
  app.get(url, { config, schema: preview }, async (request) => {
    const { problems, steps, current, wanted, isSame } = await pushDesk.preview(request.params.id)
    return {
      problems: [...problems],
      steps: [...steps],
      current: current && {
        scenario_id: current.scenarioId,
        name: current.name,
        code: current.code,
        sha256: current.sha256,
      },
      wanted: { ...wanted },
      is_same: isSame,
    }
  })
  const schema = {
    operationId: 'pushVoximplantScenario',
    tags,
    summary:
      'Create or replace the scenario at Voximplant, with its secrets, its rule and its binding',
    params,
    body: bodySchema,
    response: { 200: resultSchema, ...failures },
  }
  app.post(url, { config, schema }, async (request) => {
    const { body, params: asked, principal } = request
    const { steps, known } = await pushDesk.push(principal, asked.id, body.current_sha256)
    return { steps: [...steps], application: viewApplication(known, pushDesk) }
  })
}
