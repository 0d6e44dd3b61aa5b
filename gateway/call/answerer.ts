// Who talks to a caller from the answer on: an agent, or a menu and perhaps an agent after it.
import type { AgentTarget, InboundDecision, MediaSessionOptions } from '#core/contracts'
import { AppError } from '#core/errors'
import type { CallDesk } from './call-desk.ts'
import type { CallSession } from './call-session.ts'
import { FlowTalk } from './flow/flow-talk.ts'
import { beginTransfer } from './transfer/begin-transfer.ts'

export interface Answerer {
  /** Whom the caller talks to, at once or after the menu. */
  readonly agent: AgentTarget | null
  /** The call is answered, and acknowledged where that is waited for. */
  begin(): void
}

export type Answering = Exclude<InboundDecision, { readonly kind: 'refused' }>

/** @throws AppError `INTERNAL` when a menu is to answer and there is none. */
export function answererOf(desk: CallDesk, session: CallSession, who: Answering): Answerer {
  if (who.kind === 'agent')
    return {
      agent: who.agent,
      begin: () => session.openAgent(who.agent),
    }
  const flow = flowOf(desk, session, who.agent)
  session.leadBy(flow)
  return {
    agent: who.agent,
    begin: () => flow.begin(),
  }
}

/** Whom the menu leads is asked first, and recorded then. */
export const recordingOf = (
  { recording }: Pick<CallDesk, 'recording'>,
  { kind }: Pick<Answering, 'kind'>,
): Pick<MediaSessionOptions, 'recording'> =>
  kind === 'agent' || recording === 'off' ? {} : { recording: 'after-consent' }

function flowOf(desk: CallDesk, session: CallSession, agent: AgentTarget | null): FlowTalk {
  const { flows } = desk
  if (!flows) throw new AppError('INTERNAL', 'a menu is to answer this call, and there is none')
  return new FlowTalk({
    flows,
    logger: session.logger,
    call: session.identity,
    agent,
    media: () => session.media,
    answeredAt: () => session.live.answeredAt,
    openAgent: (target) => session.openAgent(target),
    agentOver: () => session.agentSlot.release(),
    startRecording: () => session.talk.record('start'),
    transfer: (to) => {
      if (desk.transferNumbers?.includes(to) !== true)
        throw new AppError('NUMBER_NOT_ALLOWED', 'the menu’s number is none of TRANSFER_NUMBERS')
      return beginTransfer(desk, session, { to, mode: 'auto', by: 'flow' })
    },
    end: (ending) => session.end(ending),
    apologise: (ending) => session.talk.apologise(ending),
  })
}
