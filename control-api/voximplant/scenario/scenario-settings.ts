// What differs from one application's scenario to the next: constants only, no secrets and no numbers of callers.

/** Answering machine models of the platform; there is none of its own for Germany. */
export const MACHINE_MODELS = [
  'BR',
  'CL',
  'CO',
  'KZ',
  'MX',
  'RU',
  'PH',
  'PE',
  'US',
  'EU_GENERAL',
] as const
export type MachineModel = (typeof MACHINE_MODELS)[number]

export const RECORDING_MODES = ['off', 'announced', 'consent'] as const
/** `announced`: recorded from an announcement on; `consent`: recorded after key 1. */
export type RecordingMode = (typeof RECORDING_MODES)[number]

export interface ScenarioTexts {
  /** Said before the agent when calls are recorded without a question. */
  readonly announcement: string
  /** Asks for key 1 or key 2. */
  readonly question: string
  /** Said after key 1, and after key 2 or silence. Empty: nothing. */
  readonly thanks: string
  readonly refused: string
}

export interface ScenarioSettings {
  readonly applicationId: string
  /** Where the platform reaches voicegate, without a path of voicegate's own. */
  readonly baseUrl: string
  /** For inbound calls, and outbound ones whose exchange names none. */
  readonly agentId: string
  /** Shown to the called when the exchange names none. */
  readonly callerId: string | null
  /** Of the texts, such as `de`. */
  readonly language: string
  readonly recording: RecordingMode
  readonly texts: ScenarioTexts
  /** Of the platform's `VoiceList`, such as `Default.de_DE_Female`; null: the platform's default, which is American. */
  readonly voice: string | null
  /** Null: no detection, whatever the exchange says. */
  readonly answeringMachine: { readonly model: MachineModel } | null
  readonly maxDurationSeconds: number
  /** The platform itself gives up after 60. */
  readonly ringTimeoutSeconds: number
  /** Of inbound calls; outbound ones have theirs from the exchange. */
  readonly dynamicVariables: Readonly<Record<string, string | number | boolean>>
}
