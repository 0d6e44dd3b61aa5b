// A short talk with the simulated vendor, already over: somebody connected, heard the agent begin, and left.
import { WebSocket } from 'ws'
import { ms } from '../../core/contracts/index.ts'
import { waitUntil } from '../../core/lifecycle/index.ts'
import type { ElevenLabsSimulator } from '../../simulators/elevenlabs/index.ts'

/** The id of the conversation. */
export async function hadTalk(
  vendor: ElevenLabsSimulator,
  agentId: string,
  apiKey = 'any',
): Promise<string> {
  const before = vendor.sessions.length
  const socket = new WebSocket(`${vendor.wsUrl}/v1/convai/conversation?agent_id=${agentId}`, {
    headers: { 'xi-api-key': apiKey },
  })
  const session = await vendor.waitForSession(before, 4000)
  const happened = (what: () => boolean) => waitUntil(what, ms(4000), 5)
  if (!(await happened(() => session.turns.length > 0))) throw new Error('the agent said nothing')
  socket.close(1000)
  if (!(await happened(() => session.closedAt !== null))) throw new Error('it did not end')
  return session.conversationId
}
