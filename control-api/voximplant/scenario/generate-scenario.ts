// The VoxEngine scenario of one application: the parts as they lie here, with its settings in place of the example.
// The same settings give the same bytes, so that what lies at the platform can be compared with what should.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { AppError } from '#core/errors'
import packageJson from '../../../package.json' with { type: 'json' }
import type { ScenarioSettings } from './scenario-settings.ts'

export interface GeneratedScenario {
  /** Fewer than 30 characters, as AddScenario wants it. */
  readonly name: string
  /** ASCII, below 128 KB. */
  readonly code: string
  readonly sha256: string
}

/** They share one scope and are read in this order. */
const PARTS = ['modules', 'settings', 'messages', 'ending', 'agent', 'answered', 'call', 'session']
const SETTINGS_BLOCK = /\/\* BEGIN SETTINGS \*\/[^]*\/\* END SETTINGS \*\//
const LONGEST_CODE_BYTES = 128 * 1024 - 1
const NAME_ID_CHARACTERS = 16

let read: string | undefined

/** @throws AppError `REQUEST_INVALID` when texts and variables make it too long for the platform. */
export function generateScenario(settings: ScenarioSettings): GeneratedScenario {
  read ??= PARTS.map(part).join('\n')
  const block = `/** @type {VoicegateSettings} */\nconst SETTINGS = ${asciiJson(inOrder(settings))}`
  // By a function: the settings may hold what means something in a replacement.
  const code = asciiOnly(header() + read.replace(SETTINGS_BLOCK, () => block))
  if (code.length > LONGEST_CODE_BYTES) {
    throw new AppError('REQUEST_INVALID', 'the scenario is longer than Voximplant takes', {
      details: { field: 'texts' },
    })
  }
  const sha256 = createHash('sha256').update(code).digest('hex')
  return { name: scenarioName(settings.applicationId), code, sha256 }
}

export function scenarioName(applicationId: string): string {
  const id = applicationId.replaceAll(/[^A-Za-z0-9]/g, '').slice(-NAME_ID_CHARACTERS)
  return `voicegate-${id}`
}

const header = (): string =>
  `// Made by voicegate ${packageJson.version}: change its settings, not this text.\n` +
  '// Push it again from voicegate after every change of the application (its agent, caller number, texts,\n' +
  '// recording, limits), of the public address, and after an update that changes this scenario.\n' +
  '// It wants two Application Secrets: VOICEGATE_KEY and ELEVENLABS_API_KEY.\n\n'

const part = (name: string): string =>
  readFileSync(new URL(`./parts/${name}.js`, import.meta.url), 'utf8')

/** Whoever made the settings, in whatever order: and nothing that does not belong here. */
function inOrder(settings: ScenarioSettings): ScenarioSettings {
  const { announcement, question, thanks, refused } = settings.texts
  const variables = Object.entries(settings.dynamicVariables)
  return {
    applicationId: settings.applicationId,
    baseUrl: settings.baseUrl.replace(/\/+$/, ''),
    agentId: settings.agentId,
    callerId: settings.callerId,
    language: settings.language,
    recording: settings.recording,
    texts: { announcement, question, thanks, refused },
    voice: settings.voice,
    answeringMachine: settings.answeringMachine && { model: settings.answeringMachine.model },
    maxDurationSeconds: settings.maxDurationSeconds,
    ringTimeoutSeconds: settings.ringTimeoutSeconds,
    dynamicVariables: Object.fromEntries(variables.sort(([a], [b]) => (a < b ? -1 : 1))),
  }
}

/** ASCII, so that it is the same in whatever encoding it is kept. */
const asciiJson = (value: unknown): string => asciiOnly(JSON.stringify(value, null, 2))

/** In the parts nothing but strings and comments may hold more than ASCII. */
const asciiOnly = (text: string): string =>
  text.replaceAll(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
