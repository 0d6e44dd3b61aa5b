// An agent that wants its caller to talk to a human: there is one number for it, and it is told in words.
import type { MediaEvent } from '#core/contracts'
import { decodePhoneNumber } from '#core/phone-numbers'
import { codeOf, ERROR_REGISTRY } from '#core/errors'
import { transferCall } from './dial-human.ts'
import type { TwilioCall } from './twilio-call.ts'
import type { TwilioDesk } from './twilio-desk.ts'

/** No digits: whatever is said here an agent may say to the caller. */
const REFUSALS = {
  'not-live': 'The call is ending.',
  'not-answered': 'The call is not answered yet.',
  transferring: 'A transfer is under way already.',
} as const

export function serveAgent(desk: TwilioDesk, call: TwilioCall, event: MediaEvent): void {
  if (event.type !== 'agent.transfer_requested') return
  const { toolCallId, to } = event.data
  const refusal = begin(desk, call, to)
  const text = refusal ?? 'The call is being transferred.'
  call.audio?.answerTool(toolCallId, text, refusal !== undefined)
}

/** Why not. */
function begin(desk: TwilioDesk, call: TwilioCall, wanted: string | null): string | undefined {
  const human = desk.ivr?.human ?? null
  if (human === null) return 'Transfers are not set up here.'
  if (wanted !== null && decodePhoneNumber(wanted) !== human)
    return 'Calls may not be transferred to that number.'
  try {
    const begun = transferCall(desk, call, { to: human, mode: 'bridge', by: 'agent' })
    return begun === 'begun' ? undefined : REFUSALS[begun]
  } catch (error) {
    call.logger.warn({ err: error }, 'an agent’s transfer was refused')
    const code = codeOf(error)
    return `${code === undefined ? 'Something broke' : ERROR_REGISTRY[code].title}.`
  }
}
