// The menu as it is configured, on the database; what a crash cut off is seen to first.
import type { CallIdentity } from '#core/contracts'
import type { IvrConfig } from '#core/config'
import type { CallRecorder } from '../calls/recorder.ts'
import { createFlowDesk, type FlowDesk, type FlowDeskDeps } from './flow-desk.ts'
import { createFlowStore, partyOf, type FlowStore } from './flow-store.ts'
import { languageOf } from './language-of.ts'
import { createOrderNumberRule } from './order-number.ts'
import type { FlowRules } from './order-flow.ts'
import { promptCatalogue } from './prompts/catalogue.ts'

export interface FlowsDeps extends FlowDeskDeps {
  readonly recorder: Pick<CallRecorder, 'find' | 'append'>
}

export async function openFlows(
  deps: FlowsDeps,
  config: IvrConfig,
  systemVersion: string,
): Promise<FlowDesk> {
  const { recorder, database } = deps
  const flows = createFlowStore(database)
  await repair(deps, flows)
  return createFlowDesk(deps, {
    inherited: await flows.open(),
    rules: rulesOf(config),
    systemVersion,
    languageOf: (call) =>
      languageOf(config.languages, {
        number: partyOf(call).number,
        given: recorder.find(call.callId)?.language ?? namedIn(call),
      }),
  })
}

export function rulesOf({
  company,
  website,
  orderPattern,
  onRefusal,
  human,
}: IvrConfig): FlowRules {
  const rule = createOrderNumberRule(orderPattern)
  return {
    company: company ?? '',
    website: website ?? '',
    prompts: promptCatalogue,
    isOrderNumber: (digits) => rule.isOrderNumber(digits),
    maxOrderDigits: rule.maxDigits,
    onRefusal,
    human,
  }
}

/** By whoever placed the call. */
function namedIn({ metadata }: CallIdentity): string | null {
  const { language } = metadata
  return typeof language === 'string' ? language : null
}

/** An answer is on the disk before anybody hears of it: a crash between the two leaves a timeline that lacks it. */
async function repair({ database, recorder, logger }: FlowsDeps, flows: FlowStore): Promise<void> {
  const untold = await flows.untoldConsents()
  for (const { callId, at, data } of untold)
    await recorder.append({ type: 'consent.given', callId, at, data })
  if (untold.length > 0)
    logger.warn(
      { calls: untold.length },
      'consents that a crash had cut off are in their timelines',
    )
  const over = await flows.endedUnseen()
  for (const { callId, at } of over) await database.write(flows.ended(callId, at))
}
