// A run of the rehearsal as REST shows it.
import { Type, type Static } from '@fastify/type-provider-typebox'
import { rfc3339 } from '#core/contracts'
import { rungSchema, scenarioResultSchema } from '../../rehearsals/rehearsal-event.ts'
import { RUN_STATES, type RehearsalRun } from '../../rehearsals/rehearsal-run.ts'

const head = {
  run_id: Type.String(),
  scenario: Type.String({ description: 'A name, or `all`' }),
  state: Type.Enum([...RUN_STATES]),
  started_at: Type.String({ format: 'date-time' }),
  ended_at: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
  error: Type.Union([Type.String(), Type.Null()], {
    description: 'What no single scenario can be blamed for',
  }),
}
const strict = { additionalProperties: false }

export const runSummarySchema = Type.Object(
  {
    ...head,
    scenarios_played: Type.Integer(),
    scenarios_passed: Type.Integer(),
  },
  strict,
)

export const runSchema = Type.Object(
  {
    ...head,
    scenarios: Type.Array(scenarioResultSchema, { description: 'Those that are over' }),
    steps: Type.Array(Type.Object({ scenario: Type.String(), entry: rungSchema }, strict), {
      description: 'Of those that are not over, as far as they got',
    }),
  },
  strict,
)

const viewHead = ({ runId, scenario, state, startedAt, endedAt, error }: RehearsalRun) => ({
  run_id: runId,
  scenario,
  state,
  started_at: rfc3339(startedAt),
  ended_at: endedAt === null ? null : rfc3339(endedAt),
  error,
})

export const viewRunSummary = (run: RehearsalRun): Static<typeof runSummarySchema> => ({
  ...viewHead(run),
  scenarios_played: run.results.length,
  scenarios_passed: run.results.filter(({ passed }) => passed).length,
})

export const viewRun = (run: RehearsalRun): Static<typeof runSchema> => ({
  ...viewHead(run),
  scenarios: [...run.results],
  steps: [...run.steps],
})
