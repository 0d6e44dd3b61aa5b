// An agent that wants its caller to talk to a human: it may choose among our own numbers only, and is told in words.
import type { CallEventData, CallId, E164 } from '#core/contracts'
import { decodePhoneNumber } from '#core/phone-numbers'
import { codeOf, ERROR_REGISTRY } from '#core/errors'
import { inBackground } from '#core/telemetry'
import type { CallDesk } from '../call-desk.ts'
import type { CallSession } from '../call-session.ts'
import { beginTransfer } from './begin-transfer.ts'

const BEGUN = 'The call is being transferred.'

/** No digits: whatever is said here an agent may say to the caller. */
const REFUSALS = {
  'not-live': 'The call is ending.',
  'not-answered': 'The call is not answered yet.',
  transferring: 'A transfer is under way already.',
} as const
const TOO_OFTEN = 'Nobody took the call so often that it is not tried again.'

/** Of one call: whoever talks an agent into trying again and again would have a human's phone ring without end. */
const MAX_BEGUN = 5
/** How often its agent has begun one. */
const begunBefore = new WeakMap<CallSession, number>()

interface Told {
  readonly text: string
  readonly isError: boolean
}

/** @param numbers those an agent may transfer to, the default first. Returns the function that ends it. */
export function serveAgentRequests(desk: CallDesk, numbers: readonly E164[]): () => void {
  return desk.events.subscribe((event) => {
    if (event.type !== 'agent.transfer_requested') return
    const { callId, data } = event
    const answered = answer(desk, numbers, { callId, ...data })
    inBackground(answered, desk.logger, 'a request of an agent', { callId })
  })
}

type Requested = CallEventData['agent.transfer_requested'] & { readonly callId: CallId }

async function answer(
  desk: CallDesk,
  numbers: readonly E164[],
  { callId, toolCallId, to }: Requested,
): Promise<void> {
  // What comes of it is told after the request, to everybody who is told of it.
  await Promise.resolve()
  const session = desk.registry.find(callId)
  if (!session) return
  const { text, isError } = begin(desk, session, numberFor(numbers, to))
  session.media?.answerTool(toolCallId, text, isError)
}

/** Null: one we do not allow; undefined: we have none. */
function numberFor(numbers: readonly E164[], wanted: string | null): E164 | null | undefined {
  if (wanted === null || numbers.length === 0) return numbers[0]
  const number = decodePhoneNumber(wanted)
  return number !== undefined && numbers.includes(number) ? number : null
}

function begin(desk: CallDesk, session: CallSession, to: E164 | null | undefined): Told {
  if (to === undefined) return refused('Transfers are not set up here.')
  if (to === null) return refused('Calls may not be transferred to that number.')
  const before = begunBefore.get(session) ?? 0
  if (before >= MAX_BEGUN) return refused(TOO_OFTEN)
  try {
    const begun = beginTransfer(desk, session, { to, mode: 'auto', by: 'agent' })
    if (begun !== 'begun') return refused(REFUSALS[begun])
    begunBefore.set(session, before + 1)
    return { text: BEGUN, isError: false }
  } catch (error) {
    const code = codeOf(error)
    session.logger.warn({ err: error }, 'an agent’s transfer was refused')
    return refused(`${code === undefined ? 'Something broke' : ERROR_REGISTRY[code].title}.`)
  }
}

const refused = (text: string): Told => ({ text, isError: true })
