// The scenario of an application: its settings from what is kept of it.
import { AppError } from '#core/errors'
import { spokenDefaults } from '../scenario/default-texts.ts'
import { generateScenario, type GeneratedScenario } from '../scenario/generate-scenario.ts'
import {
  MACHINE_MODELS,
  type MachineModel,
  type ScenarioSettings,
} from '../scenario/scenario-settings.ts'
import type { ApplicationRow } from './application-store.ts'
import { decodeScenarioOptions, type ScenarioOptions } from './scenario-options.ts'

/** Of calls that say nothing of it; the platform itself gives up after 60. */
const RING_TIMEOUT_SECONDS = 45

export const SCENARIO_SECRETS = [
  { name: 'VOICEGATE_KEY', what: 'Signs what the scenario tells voicegate' },
  { name: 'ELEVENLABS_API_KEY', what: 'Opens the conversation with the agent' },
] as const
export type ScenarioSecret = (typeof SCENARIO_SECRETS)[number]['name']

type Described = Pick<
  ApplicationRow,
  'application_id' | 'elevenlabs_agent_id' | 'phone_number' | 'options'
>

/** @param publicUrl where the platform reaches us */
export function scenarioOf(row: Described, publicUrl: string): GeneratedScenario {
  const options = decodeScenarioOptions(row.options)
  const { texts, voice } = spokenDefaults(options.language)
  const settings: ScenarioSettings = {
    applicationId: row.application_id,
    baseUrl: publicUrl,
    agentId: row.elevenlabs_agent_id,
    callerId: row.phone_number,
    language: options.language,
    recording: options.recording,
    texts: { ...texts, ...ownWords(options) },
    voice,
    answeringMachine: machineOf(options),
    maxDurationSeconds: options.max_duration_seconds,
    ringTimeoutSeconds: RING_TIMEOUT_SECONDS,
    dynamicVariables: {},
  }
  return generateScenario(settings)
}

function ownWords({ announcement, recording }: ScenarioOptions) {
  if (announcement === null || announcement.trim() === '') return {}
  return recording === 'consent' ? { question: announcement } : { announcement }
}

function machineOf({ answering_machine_model: model }: ScenarioOptions) {
  return model !== null && isMachineModel(model) ? { model } : null
}

const isMachineModel = (model: string): model is MachineModel =>
  (MACHINE_MODELS as readonly string[]).includes(model)

/** @throws AppError `REQUEST_INVALID` of a model that the platform does not have */
export function requireKnownModel({ answering_machine_model: model }: ScenarioOptions): void {
  if (model === null || isMachineModel(model)) return
  const field = 'options.answering_machine_model'
  const detail = `${field}: the platform has ${MACHINE_MODELS.join(', ')}.`
  throw new AppError('REQUEST_INVALID', detail, { details: { field } })
}
