// Tells whoever started it by hand what becomes of each call: what is said, pressed, and answered to its webhooks.
import type { TwilioSimulator } from './options.ts'
import type { CallLogEntry } from './records.ts'

const EVERY_MS = 200

export function printCalls(
  twilio: TwilioSimulator,
  print: (line: string) => void,
): { stop(): void } {
  const printed: number[] = []
  const look = (): void => {
    for (const [index, call] of twilio.calls.entries()) {
      const before = printed[index] ?? 0
      if (printed[index] === undefined) print(`${call.sid} ${call.direction} call`)
      printed[index] = call.log.length
      for (const entry of call.log.slice(before))
        for (const line of linesOf(entry)) print(`${call.sid} ${line}`)
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

function linesOf(entry: CallLogEntry): string[] {
  switch (entry.type) {
    case 'status':
      return [`is ${entry.status}`]
    case 'heard':
      return [`hears “${entry.piece.text}”`]
    case 'gather.ended':
      return [`pressed “${entry.gather.digits}” (${entry.gather.endedBy ?? 'nothing'})`]
    case 'stream.started':
      return [`stream to ${entry.stream.url}`]
    case 'stream.ended':
      return [`stream closed by ${entry.stream.closedBy ?? 'nobody'}`]
    case 'recording':
      return [`recording ${entry.status}`]
    case 'dial':
      return entry.outcome === null ? [] : [`dialled a number: ${entry.outcome}`]
    case 'alert':
      return [`alert ${entry.alert.code}: ${entry.alert.message}`]
    case 'document':
    case 'webhook':
    case 'gather.started':
    case 'gather.listening':
    case 'key':
      return []
    default:
      return entry satisfies never
  }
}
