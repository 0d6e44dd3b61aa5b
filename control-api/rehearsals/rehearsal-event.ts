// What the rehearsal program tells as it plays (rehearsal/README.md, `--follow`): decoded here, shown by REST as it is.
import { Type, type Static } from '@fastify/type-provider-typebox'
import { Check } from 'typebox/value'

const number = Type.Number()
const numberOrNull = Type.Union([number, Type.Null()])
const texts = Type.Array(Type.String())
const gaps = Type.Object({ count: Type.Integer(), longest_ms: number, excused: number })

export const rungSchema = Type.Object(
  {
    offset_ms: Type.Number({ description: 'Since the INVITE' }),
    lane: Type.Enum(['carrier-gateway', 'gateway-agent']),
    direction: Type.Enum(['right', 'left', 'note'], {
      description: 'right: from carrier towards agent; note: the gateway’s own',
    }),
    label: Type.String(),
  },
  { description: 'A line of the ladder' },
)

const costSchema = Type.Object(
  { here: number, opened_at_invite: number, saved: number },
  { description: 'US dollars' },
)

export const scenarioResultSchema = Type.Object(
  {
    name: Type.String(),
    passed: Type.Boolean(),
    failures: texts,
    notes: texts,
    outcome: Type.Union([Type.String(), Type.Null()]),
    figures: Type.Object({
      agent_sessions: Type.Integer(),
      agent_seconds: number,
      agent_seconds_before_answer: number,
      agent_seconds_after_hang_up: number,
      answer_to_agent_ms: numberOrNull,
      agent_audio_to_rtp_ms: numberOrNull,
      caller_gaps: gaps,
      agent_gaps: gaps,
      seconds_from_invite: number,
    }),
    cost: costSchema,
    ladder: Type.Array(rungSchema),
  },
  { description: 'As in the report of `npm run rehearse -- --json FILE`' },
)

export type Rung = Static<typeof rungSchema>
export type ScenarioResult = Static<typeof scenarioResultSchema>

const eventSchema = Type.Union([
  Type.Object({ event: Type.Literal('started'), scenario: Type.String() }),
  Type.Object({ event: Type.Literal('step'), scenario: Type.String(), entry: rungSchema }),
  Type.Object({ event: Type.Literal('result'), result: scenarioResultSchema }),
  Type.Object({ event: Type.Literal('finished'), passed: Type.Boolean(), failures: texts }),
])

export type RehearsalEvent = Static<typeof eventSchema>

/** Undefined of anything else: a later program may tell more than we know of. */
export const decodeRehearsalEvent = (value: unknown): RehearsalEvent | undefined =>
  Check(eventSchema, value) ? value : undefined
