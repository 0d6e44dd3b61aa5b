// Tells whoever started it by hand what the carrier sees: registrations, and the ladder of each call that has ended.
import type { CarrierCallRecord } from './call-record.ts'
import type { Carrier } from './carrier.ts'
import type { RegisterAttempt } from './registrar.ts'

const EVERY_MS = 200

export function printCalls(carrier: Carrier, print: (line: string) => void): { stop(): void } {
  const printed = new WeakSet<CarrierCallRecord | RegisterAttempt>()
  let complaints = 0
  const look = (): void => {
    // Only the last thousand are kept: their number tells nothing.
    for (const attempt of carrier.registrar.attempts) {
      if (printed.has(attempt)) continue
      printed.add(attempt)
      print(`REGISTER of ${attempt.user}: ${attempt.status ?? 'no answer'}`)
    }
    for (const complaint of carrier.protocolErrors.slice(complaints))
      print(`protocol error: ${complaint}`)
    complaints = carrier.protocolErrors.length
    for (const call of carrier.calls) {
      if (call.endedAt === null || printed.has(call)) continue
      printed.add(call)
      for (const line of linesOf(call)) print(line)
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

function linesOf(call: CarrierCallRecord): string[] {
  const { packets, lost, gaps } = call.rtpIn
  const { roundTripMs, farEnd } = call.rtcp
  return [
    `\n${call.direction} call, script ${call.script}, final status ${String(call.finalStatus)}`,
    ...call.messages.map(({ at, direction, startLine, repeated, dropped }) => {
      const arrow = direction === 'sent' ? '▶' : '◀'
      const offset = `${Math.round(at - call.inviteAt)}`.padStart(8)
      return `${offset} ms ${arrow} ${startLine}${repeated ? ' (again)' : ''}${dropped ? ' (lost)' : ''}`
    }),
    `RTP heard: ${packets} packets, ${lost} lost, ${gaps.length} gaps; sent: ${call.rtpOut.packets}`,
    ...(farEnd === null
      ? []
      : [
          `RTCP: the other side lost ${farEnd.lost}, ${farEnd.jitterMs.toFixed(1)} ms jitter, ` +
            `round trip ${roundTripMs?.toFixed(1) ?? '–'} ms`,
        ]),
    ...call.protocolErrors.map((complaint) => `protocol error: ${complaint}`),
  ]
}
