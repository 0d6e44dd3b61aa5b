// An application that is linked and not pushed yet, and what is done with its push.
import type { Test } from 'tap'
import { anApplication, aStage, type Answer, type Stage, type StageOptions } from './stage.ts'
import { askedFor } from './vendor-stage.ts'

const CHANGES = [
  'AddScenario',
  'SetScenarioInfo',
  'AddRule',
  'BindScenario',
  'AddSecret',
  'SetSecretInfo',
]

export interface PushStage extends Stage {
  readonly id: string
  readonly vendorId: number
  readonly preview: () => Promise<Answer>
  readonly push: (seen: string | null) => Promise<Answer>
  readonly changes: () => number
}

export async function anApplicationToPush(
  t: Test,
  fields: object = {},
  options: StageOptions = {},
): Promise<PushStage> {
  const stage = await aStage(t, options)
  const { id, vendorId } = await anApplication(stage, fields)
  const { ask, vendor } = stage
  return {
    ...stage,
    id,
    vendorId,
    preview: () => ask('GET', `/applications/${id}/push`),
    push: (seen) => ask('POST', `/applications/${id}/push`, { current_sha256: seen }),
    changes: () => CHANGES.reduce((sum, command) => sum + askedFor(vendor, command), 0),
  }
}
