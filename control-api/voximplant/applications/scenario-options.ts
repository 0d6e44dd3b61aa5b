// What can be chosen about the scenario of an application, as it is kept and shown. Schema and decoding side by side.
import { Type, type Static } from '@fastify/type-provider-typebox'

const strict = { additionalProperties: false }

export const RECORDING_CHOICES = ['off', 'announced', 'consent'] as const

export const scenarioOptionsSchema = Type.Object(
  {
    language: Type.Enum(['de', 'en', 'ru'], { description: 'Of what the scenario itself says' }),
    recording: Type.Enum([...RECORDING_CHOICES], {
      description:
        'announced: from an announcement on; consent: once the other side has pressed 1; off: nothing is recorded, and no audio is fetched by itself',
    }),
    answering_machine_model: Type.Union([Type.String({ pattern: '^[A-Z_]{2,24}$' }), Type.Null()], {
      description:
        'Of AMD.Model, for calls placed with answering_machine; null: it is not looked for',
    }),
    max_duration_seconds: Type.Integer({ minimum: 10, maximum: 14_400 }),
    announcement: Type.Union([Type.String({ maxLength: 500 }), Type.Null()], {
      description: 'Instead of our words for the announcement, or for the question',
    }),
  },
  strict,
)

export type ScenarioOptions = Static<typeof scenarioOptionsSchema>

export const SCENARIO_OPTIONS: ScenarioOptions = {
  language: 'de',
  recording: 'off',
  answering_machine_model: null,
  max_duration_seconds: 600,
  announcement: null,
}

/** Of what was kept; what an earlier version did not know has its default. */
export const decodeScenarioOptions = (text: string): ScenarioOptions => ({
  ...SCENARIO_OPTIONS,
  ...(JSON.parse(text) as Partial<ScenarioOptions>),
})
