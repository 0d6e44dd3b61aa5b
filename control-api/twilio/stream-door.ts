// Whose agent a stream may open: the call that its token names, once.
import {
  decodeCallId,
  ms,
  type AgentTarget,
  type MediaBridge,
  type MediaEvent,
} from '#core/contracts'
import { inBackground } from '#core/telemetry'
import { serveAgent } from './agent-requests.ts'
import { hasFlow } from '../calls/call-plan.ts'
import { hangUp } from './hang-up.ts'
import type { AdmittedStream, MediaStreamDeps } from './media-stream.ts'
import type { StreamStart } from './stream-message.ts'
import type { TwilioCall } from './twilio-call.ts'
import type { TwilioDesk } from './twilio-desk.ts'

/** Twilio goes on with the call when its stream is closed, and says a word; when it does not, it is told to hang up. */
const END_PATIENCE = ms(30_000)

export const streamDeps = (
  desk: TwilioDesk,
  bridge: () => MediaBridge | undefined,
): MediaStreamDeps => ({
  logger: desk.logger,
  metrics: desk.metrics,
  bridge,
  admit: (start) => admit(desk, start),
})

async function admit(desk: TwilioDesk, start: StreamStart): Promise<AdmittedStream | undefined> {
  const { callSid, parameters } = start
  const { call: named = '', token = '' } = parameters
  const callId = decodeCallId(named)
  if (callId === undefined || !desk.tokens.isGood(token, callId, callSid)) return undefined
  const call = desk.book.find(callId)
  // Good once: one that comes back finds its stream, or its call over.
  if (call?.sid !== callSid || call.hadStream || call.isFinished) return undefined
  const agent = await agentOf(desk, call)
  if (agent === undefined) return undefined
  return {
    call,
    agent,
    // Where the menu is part of the call, all of it is recorded by Twilio, or nothing.
    recording: hasFlow(call.plan) ? 'off' : desk.recordCalls,
    begin: (audio) => call.streamStarted(start.streamSid, audio),
    onMedia: (event) => onMedia(desk, call, event),
  }
}

/** With what was learned in the menu; undefined while the menu has not come to the agent. */
async function agentOf(desk: TwilioDesk, call: TwilioCall): Promise<AgentTarget | undefined> {
  const { agent } = call.plan
  if (agent === null) return undefined
  if (!hasFlow(call.plan)) return agent
  const turn = await desk.flows?.current(call.identity.callId)
  if (turn?.then.kind !== 'agent') return undefined
  return { ...agent, dynamicVariables: { ...agent.dynamicVariables, ...turn.then.variables } }
}

function onMedia(desk: TwilioDesk, call: TwilioCall, event: MediaEvent): void {
  const ending = call.onMedia(event)
  serveAgent(desk, call, event)
  if (ending === undefined || call.ending !== null) return
  call.end(ending)
  // The agent's own end closes the stream; of anything else we say so.
  if (event.type !== 'agent.closed')
    inBackground(call.audio?.close(ending.reason) ?? Promise.resolve(), call.logger, 'a stream')
  call.timers.after(END_PATIENCE, () => {
    inBackground(hangUp(desk.rest, call, ending), call.logger, 'ending a call')
  })
}
