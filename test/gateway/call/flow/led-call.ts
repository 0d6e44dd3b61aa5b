// A call that our menu leads, on a call desk whose carrier, media and menu are the test's.
import { mock } from 'node:test'
import type { Test } from 'tap'
import { termination, type AnswerWith, type DtmfDigit } from '../../../../core/contracts/index.ts'
import type { AdmissionConfig } from '../../../../gateway/call/admission.ts'
import { placeCall } from '../../../../gateway/call/outbound-call.ts'
import { buildDesk, REQUEST, settle } from '../../../support/build-desk.ts'
import type { ScriptedFlows } from './scripted-flows.ts'

const SORRY = { kind: 'speech', text: 'Sorry.' } as const
export const HUNG_UP = { by: 'remote', reason: undefined } as const
const NO_LIMITS: Partial<AdmissionConfig> = {}

export type Settings = NonNullable<Parameters<typeof buildDesk>[1]>

/** A call that was answered, and whose first turn is being said. */
export async function led(
  flows: ScriptedFlows,
  answerWith: AnswerWith = 'order-ivr',
  settings: Settings = {},
  limits = NO_LIMITS,
) {
  const built = buildDesk(limits, { fallbackPrompt: SORRY, flows, ...settings })
  const session = await placeCall(built.desk, { ...REQUEST, answerWith })
  built.sip.answer()
  const media = built.bridge.sessions[0]!
  media.heard()
  await settle()
  const finish = (how: 'played' | 'failed' = 'played', promptId = media.prompts.at(-1)!.id) =>
    media.tell({ type: 'prompt.finished', data: { promptId, how, playedMs: 1000 } })
  const press = async (...digits: DtmfDigit[]) => {
    for (const digit of digits)
      media.tell({ type: 'dtmf', data: { source: 'rtp', durationMs: 100, digit } })
    await settle()
  }
  const said = () => media.prompts.map(({ source }) => 'text' in source && source.text)
  const end = async () => {
    session.end(termination('success', 'hangup', 'api'))
    await session.over
  }
  return { ...built, session, media, finish, press, said, end }
}

export function fakeTimers(t: Test): (after: number) => Promise<void> {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  return async (after) => {
    mock.timers.tick(after)
    await settle()
  }
}
