// The client tools that a simulated agent asks for: the call, the wait, the answer or its absence.
import type { Clock } from '#core/time'
import type { AgentLine, AgentToolCall } from './agent-script.ts'
import type { ToolCallRecord, WritableSessionRecord } from './records.ts'
import type { Timers } from './timers.ts'

export interface AgentToolsOptions {
  readonly calls: readonly AgentToolCall[]
  readonly record: WritableSessionRecord
  readonly clock: Clock
  readonly timers: Timers
  /** Calls say whether an answer is expected. */
  readonly tellsExpectsResponse: boolean
  readonly nextId: () => number
  /** As it stands in a message. */
  readonly idOf: (id: number) => number | string
  readonly send: (message: unknown) => void
  readonly say: (line: AgentLine) => void
}

export interface AgentTools {
  /** The metadata is out. */
  begin(): void
  /** A client_tool_result whose result is a string. */
  receive(toolCallId: unknown, result: string, isError: boolean): void
}

/** As the vendor's tools have it when nothing is set. */
const TIMEOUT_MS = 20_000

export function createAgentTools(options: AgentToolsOptions): AgentTools {
  const { calls, record, clock, timers, nextId, send, say } = options
  const waiting = new Map<string, { call: AgentToolCall; entry: ToolCallRecord }>()

  function ask(call: AgentToolCall): void {
    const expectsResponse = call.expectsResponse ?? true
    const eventId = nextId()
    const toolCallId = `tc_${eventId}`
    const entry: ToolCallRecord = {
      at: clock.now(),
      name: call.name,
      toolCallId,
      answeredAt: null,
      result: null,
      isError: null,
      timedOut: false,
    }
    record.toolCalls.push(entry)
    waiting.set(toolCallId, { call, entry })
    send({
      type: 'client_tool_call',
      client_tool_call: {
        tool_name: call.name,
        tool_call_id: toolCallId,
        parameters: call.parameters ?? {},
        ...(options.tellsExpectsResponse ? { expects_response: expectsResponse } : {}),
        event_id: options.idOf(eventId),
      },
    })
    if (!expectsResponse) return
    timers.after(call.timeoutMs ?? TIMEOUT_MS, () => {
      if (entry.answeredAt !== null) return
      entry.timedOut = true
      if (call.onTimeout !== undefined) say(call.onTimeout)
    })
  }

  return {
    begin() {
      for (const call of calls) timers.after(call.afterMs, () => ask(call))
    },
    // The answer to a tool that expects none, or that came too late, is taken and changes nothing.
    receive(toolCallId, result, isError) {
      const asked = waiting.get(String(toolCallId))
      if (asked === undefined || asked.entry.answeredAt !== null) return
      const { call, entry } = asked
      entry.answeredAt = clock.now()
      entry.result = result
      entry.isError = isError
      const isAwaited = (call.expectsResponse ?? true) && !entry.timedOut
      if (isAwaited && call.onResult !== undefined) say(call.onResult)
    },
  }
}
