// What somebody finds who tries the product: an application with a number, and calls of the last days.
import { createClock } from '#core/time'
import type { VoximplantSimulator } from './options.ts'
import { pastCalls } from './past-calls.ts'

/** As the platform writes it, without a plus. */
export const DEMO_NUMBER = '4930555300'
const APPLICATION = 'voicegate-demo'

export function prepareDemo(voximplant: VoximplantSimulator): void {
  const { accountId } = voximplant
  const { application_id, application_name } = voximplant.addApplication({ name: APPLICATION })
  voximplant.addNumber({ phone_number: DEMO_NUMBER, application_id })
  const of = { accountId, applicationId: application_id, applicationName: application_name }
  voximplant.addHistory(pastCalls(createClock().now(), { ...of, ourNumber: DEMO_NUMBER }))
}
