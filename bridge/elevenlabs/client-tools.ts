// Answers to what an agent asks of its client. No client tools are built yet, so every request is declined at once:
// an agent left without an answer falls silent until its own timeout.
import type { ClientToolResult, McpToolApprovalResult, ServerMessageOf } from './protocol.ts'

/** The words official clients use for a tool they do not know. */
export function answerToolCall(message: ServerMessageOf<'client_tool_call'>): ClientToolResult {
  const { tool_name: name, tool_call_id: id } = message.client_tool_call
  return {
    type: 'client_tool_result',
    tool_call_id: id,
    result: `Client tool with name ${name} is not defined on client`,
    is_error: true,
  }
}

/** Nobody is there to approve; only a call that waits for approval is answered. */
export function answerMcpCall(
  message: ServerMessageOf<'mcp_tool_call'>,
): McpToolApprovalResult | undefined {
  const { state, tool_call_id: id } = message.mcp_tool_call
  if (state !== 'awaiting_approval') return undefined
  return { type: 'mcp_tool_approval_result', tool_call_id: id, is_approved: false }
}
