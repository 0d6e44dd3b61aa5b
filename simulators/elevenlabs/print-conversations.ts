// Tells whoever started it by hand what the simulated vendor sees: signed URLs asked for, conversations, how they end.
import type { AgentSessionRecord } from './records.ts'
import type { ElevenLabsSimulator } from './simulator.ts'

const EVERY_MS = 200

export function printConversations(
  vendor: ElevenLabsSimulator,
  print: (line: string) => void,
): { stop(): void } {
  let urls = 0
  let begun = 0
  const open = new Set<AgentSessionRecord>()
  const look = (): void => {
    for (const { status, agentId } of vendor.signedUrlRequests.slice(urls))
      print(`signed URL for ${agentId}: ${status}`)
    urls = vendor.signedUrlRequests.length
    for (const session of vendor.sessions.slice(begun)) {
      const { httpStatus, agentId } = session
      print(
        `conversation with ${agentId}: ${httpStatus === 101 ? 'open' : `refused ${httpStatus}`}`,
      )
      if (httpStatus === 101) open.add(session)
    }
    begun = vendor.sessions.length
    for (const session of open) {
      if (session.closedAt === null) continue
      open.delete(session)
      print(endOf(session))
    }
  }
  const timer = setInterval(look, EVERY_MS)
  return {
    stop() {
      clearInterval(timer)
      look()
    },
  }
}

function endOf(session: AgentSessionRecord): string {
  const { agentId, upgradeAt, closedAt, closedBy, closeCode, callerFrames } = session
  const seconds = (((closedAt ?? upgradeAt) - upgradeAt) / 1000).toFixed(1)
  const heard = callerFrames.reduce((sum, { bytes }) => sum + bytes, 0) / 8000
  const how = `closed by ${closedBy ?? 'nobody'}${closeCode === null ? '' : ` with ${closeCode}`}`
  const turns = `${session.replies} replies, ${session.interruptions.length} interruptions`
  return `conversation with ${agentId}: ${how} after ${seconds} s; heard ${heard.toFixed(1)} s, ${turns}`
}
