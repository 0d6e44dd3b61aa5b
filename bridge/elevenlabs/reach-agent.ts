// Whether an agent could be opened: everything up to the upgrade request, which alone costs money. Used by the doctor.
import type { Logger } from '#core/telemetry'
import type { AgentConnectionConfig } from './agent-connection-config.ts'
import { createPreparation } from './prewarm.ts'

/**
 * Asks for the signed URL (with a key) and connects to the socket's host.
 * @throws AppError `AGENT_UNREACHABLE` saying what is wrong; no key and no URL in it.
 */
export async function reachAgent(
  logger: Logger,
  connection: AgentConnectionConfig,
  agentId: string,
): Promise<void> {
  const preparation = createPreparation(logger, {
    connection,
    agentId,
    onSignedUrlRequest: () => undefined,
  })
  try {
    const { socket } = await preparation.take()
    socket.destroy()
  } finally {
    preparation.close()
  }
}
