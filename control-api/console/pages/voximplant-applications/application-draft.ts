// What is filled in about an application, whether it can be sent, and what it becomes. Pure.
import type {
  Application,
  ApplicationPatch,
  NewApplication,
  ScenarioOptions,
} from '../../components/voximplant/shapes.ts'
import { checkNumber } from '../../components/phone-number/phone-number.ts'

/** Whose key the agent is opened with. */
export type KeyChoice = 'node' | 'own'

export interface ApplicationDraft {
  readonly account: string
  readonly name: string
  /** Empty: chosen later; of the rule: the push makes one. */
  readonly vendorApplication: string
  readonly rule: string
  readonly number: string
  readonly agent: string
  readonly keyChoice: KeyChoice
  readonly ownKey: string
  readonly options: ScenarioOptions
}

export const DURATION_SECONDS = { min: 10, max: 14_400 } as const
export const MAX_ANNOUNCEMENT = 500

const USUAL_OPTIONS: Omit<ScenarioOptions, 'language'> = {
  recording: 'off',
  answering_machine_model: null,
  max_duration_seconds: 600,
  announcement: null,
}

export const emptyDraft = (
  account: string,
  language: ScenarioOptions['language'],
): ApplicationDraft => ({
  account,
  name: '',
  vendorApplication: '',
  rule: '',
  number: '',
  agent: '',
  keyChoice: 'node',
  ownKey: '',
  options: { language, ...USUAL_OPTIONS },
})

export const draftOf = (application: Application): ApplicationDraft => ({
  account: application.account,
  name: application.application_name,
  vendorApplication: application.voximplant_application_id ?? '',
  rule: application.rule_id ?? '',
  number: application.phone_number ?? '',
  agent: application.elevenlabs_agent_id,
  keyChoice: application.has_elevenlabs_api_key ? 'own' : 'node',
  ownKey: '',
  options: application.options,
})

/** A rule belongs to its application, and that to its account. */
export function changed(
  draft: ApplicationDraft,
  patch: Partial<ApplicationDraft>,
): ApplicationDraft {
  const next = { ...draft, ...patch }
  if (next.account !== draft.account)
    return { ...next, vendorApplication: '', rule: '', number: '' }
  if (next.vendorApplication !== draft.vendorApplication) return { ...next, rule: '' }
  return next
}

export type DraftFault = 'account' | 'name' | 'agent' | 'key' | 'number' | 'duration'

/** @param hasKey one of its own is kept already */
export function faultsOf(draft: ApplicationDraft, hasKey: boolean): ReadonlySet<DraftFault> {
  const { max_duration_seconds: seconds } = draft.options
  const wrong: Readonly<Record<DraftFault, boolean>> = {
    account: draft.account === '',
    name: draft.name.trim() === '',
    agent: draft.agent.trim() === '',
    key: draft.keyChoice === 'own' && draft.ownKey.trim() === '' && !hasKey,
    number: draft.number.trim() !== '' && checkNumber(draft.number).fault !== null,
    duration:
      !Number.isInteger(seconds) ||
      seconds < DURATION_SECONDS.min ||
      seconds > DURATION_SECONDS.max,
  }
  return new Set((Object.keys(wrong) as DraftFault[]).filter((name) => wrong[name]))
}

const orNull = (text: string): string | null => (text.trim() === '' ? null : text.trim())

function keyOf({ keyChoice, ownKey }: ApplicationDraft, hasKey: boolean) {
  if (keyChoice === 'node') return hasKey ? { elevenlabs_api_key: null } : {}
  return ownKey.trim() === '' ? {} : { elevenlabs_api_key: ownKey.trim() }
}

export function patchOf(draft: ApplicationDraft, hasKey: boolean): ApplicationPatch {
  const number = checkNumber(draft.number)
  return {
    application_name: draft.name.trim(),
    voximplant_application_id: orNull(draft.vendorApplication),
    rule_id: orNull(draft.rule),
    ...keyOf(draft, hasKey),
    elevenlabs_agent_id: draft.agent.trim(),
    phone_number: number.fault === null ? number.e164 : null,
    options: { ...draft.options, announcement: orNull(draft.options.announcement ?? '') },
  }
}

/** What is not chosen is left out. */
export function newApplicationOf(draft: ApplicationDraft): NewApplication {
  const { application_name, elevenlabs_agent_id, options, ...others } = patchOf(draft, false)
  const chosen = Object.entries(others).filter(([, value]) => value !== null)
  return {
    account: draft.account,
    application_name,
    elevenlabs_agent_id,
    options,
    ...Object.fromEntries(chosen),
  }
}
