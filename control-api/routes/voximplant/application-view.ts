// An application of Voximplant as REST takes and shows it; its keys are taken, and never shown.
import { Type, type Static } from '@fastify/type-provider-typebox'
import { epochMs, rfc3339 } from '#core/contracts'
import type { KnownApplication } from '../../voximplant/applications/application-desk.ts'
import type { PushDesk } from '../../voximplant/applications/push-desk.ts'
import {
  decodeScenarioOptions,
  scenarioOptionsSchema,
} from '../../voximplant/applications/scenario-options.ts'
import { nullable, viewTime } from '../../view-parts.ts'

const strict = { additionalProperties: false }
const time = Type.String({ format: 'date-time' })
const name = Type.String({ minLength: 1, maxLength: 120, pattern: '\\S' })
const vendorId = Type.String({ pattern: '^\\d{1,20}$', description: 'The vendor’s' })
const agentId = Type.String({ minLength: 1, maxLength: 128, pattern: '^\\S+$' })

const chosen = {
  voximplant_application_id: Type.Optional(nullable(vendorId)),
  rule_id: Type.Optional(
    Type.Union([vendorId, Type.Null()], {
      description: 'The vendor’s; null: a push makes one that takes all calls',
    }),
  ),
  elevenlabs_api_key: Type.Optional(
    Type.Union([Type.String({ minLength: 8, maxLength: 200, pattern: '\\S' }), Type.Null()], {
      description: 'Kept encrypted and never shown; null: the one of this node',
    }),
  ),
  phone_number: Type.Optional(
    Type.Union([Type.String({ maxLength: 64 }), Type.Null()], {
      description:
        'E.164: shown to whoever is called; one that is rented or verified at Voximplant',
    }),
  ),
  options: Type.Optional(
    Type.Partial(scenarioOptionsSchema, {
      ...strict,
      description: 'Of the scenario; what is left out stays, or has its default',
    }),
  ),
}

export const newApplicationSchema = Type.Object(
  {
    account: Type.String({ maxLength: 64, description: 'Ours: the id of an account' }),
    application_name: name,
    elevenlabs_agent_id: agentId,
    ...chosen,
  },
  strict,
)
export const applicationChangeSchema = Type.Object(
  {
    application_name: Type.Optional(name),
    elevenlabs_agent_id: Type.Optional(agentId),
    ...chosen,
  },
  { ...strict, minProperties: 1 },
)

export const applicationSchema = Type.Object(
  {
    application_id: Type.String(),
    account: Type.String(),
    account_name: Type.String(),
    application_name: Type.String(),
    voximplant_application_id: nullable(Type.String()),
    voximplant_application_name: nullable(Type.String()),
    rule_id: nullable(Type.String()),
    rule_name: nullable(Type.String()),
    scenario_id: nullable(Type.String()),
    phone_number: nullable(Type.String()),
    elevenlabs_agent_id: Type.String(),
    has_elevenlabs_api_key: Type.Boolean({ description: 'One of its own' }),
    options: scenarioOptionsSchema,
    pushed_at: nullable(time),
    is_pushed_current: Type.Union([Type.Boolean(), Type.Null()], {
      description: 'Whether what was pushed last is what would be pushed now; null: nothing was',
    }),
    swept_until: nullable(time),
    webhook_url: Type.String({ description: 'Where its scenario tells of calls' }),
    created_by: Type.String({ description: 'The id of a key' }),
    created_at: time,
    updated_at: time,
  },
  strict,
)

export const viewApplication = (
  { row, account }: KnownApplication,
  pushDesk: PushDesk,
): Static<typeof applicationSchema> => ({
  application_id: row.application_id,
  account: row.account_id,
  account_name: account.account_name,
  application_name: row.application_name,
  voximplant_application_id: row.vendor_application_id,
  voximplant_application_name: row.vendor_application_name,
  rule_id: row.rule_id,
  rule_name: row.rule_name,
  scenario_id: row.scenario_id,
  phone_number: row.phone_number,
  elevenlabs_agent_id: row.elevenlabs_agent_id,
  has_elevenlabs_api_key: row.elevenlabs_api_key !== null,
  options: decodeScenarioOptions(row.options),
  pushed_at: viewTime(row.pushed_at),
  is_pushed_current: pushDesk.isCurrent(row),
  swept_until: viewTime(row.swept_until),
  webhook_url: pushDesk.webhookUrl(row),
  created_by: row.created_by,
  created_at: rfc3339(epochMs(row.created_at)),
  updated_at: rfc3339(epochMs(row.updated_at)),
})
