// Tells whoever started it by hand what is asked of the API, and what becomes of each session.
import type { VoximplantSimulator } from './options.ts'
import type { RequestRecord } from './request-log.ts'
import type { SimulatedSession } from './simulated-session.ts'

const EVERY_MS = 200

export function printSessions(
  voximplant: VoximplantSimulator,
  print: (line: string) => void,
): { stop(): void } {
  let lastRequest: RequestRecord | undefined
  const lines = new Map<number, number>()
  const ended = new Set<number>()
  const look = (): void => {
    const { requests, sessions } = voximplant
    const first = lastRequest === undefined ? 0 : requests.lastIndexOf(lastRequest) + 1
    for (const request of requests.slice(first)) print(requestLine(request))
    lastRequest = requests.at(-1)
    for (const session of sessions) {
      const { sessionId, log, isOver } = session
      for (const line of log.slice(lines.get(sessionId) ?? 0))
        print(`session ${sessionId}: ${line}`)
      lines.set(sessionId, log.length)
      if (isOver && !ended.has(sessionId)) print(endLine(session))
      if (isOver) ended.add(sessionId)
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

const requestLine = ({ command, path, status, errorCode }: RequestRecord): string =>
  `${command === '' ? 'no command' : command}${path === undefined ? '' : ` ${path}`}: ${status}` +
  (errorCode === null ? '' : `, error ${errorCode}`)

function endLine({ sessionId, direction, result }: SimulatedSession): string {
  const calls = result?.calls.map(({ remoteNumber, durationSeconds, endReason }) =>
    [remoteNumber, `${Math.round(durationSeconds)} s`, endReason].join(', '),
  )
  return `session ${sessionId} is over (${direction}): ${calls?.join('; ') ?? ''}`
}
