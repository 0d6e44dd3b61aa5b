// A test call for programs: the `call` of the --json file. No number and no address is in it.
import { familyOf } from './ladder.ts'
import type { LineReport } from './test-line.ts'
import type { TestCallResult } from './test-call.ts'

export interface CallRecord {
  readonly answered: boolean
  readonly steps: readonly {
    readonly offset_ms: number
    readonly by: string
    readonly what: string
  }[]
  /** Null when no audio could be agreed on. */
  readonly audio: object | null
}

export function describeCall({ events, steps, line }: TestCallResult): CallRecord {
  return {
    answered: events.some(({ type }) => type === 'sip.answered'),
    steps: steps.map(({ offsetMs, by, what }) => ({ offset_ms: tenths(offsetMs), by, what })),
    audio: line?.remote ? describeAudio(line, line.remote) : null,
  }
}

function describeAudio(line: LineReport, remote: NonNullable<LineReport['remote']>): object {
  const { received, farReport } = line
  return {
    codec: remote.formats[0].codec,
    remote_address_family: familyOf(remote.address),
    early_packets: line.earlyPackets,
    received: received
      ? {
          packets: received.packets,
          lost: received.lost,
          jitter_ms: tenths(received.jitterMs),
          first_after_ms: received.firstAfterMs === null ? null : tenths(received.firstAfterMs),
          loudest_db: line.loudestDb === null ? null : tenths(line.loudestDb),
        }
      : null,
    sent: {
      packets: line.sentPackets,
      lost: farReport?.lost ?? null,
      jitter_ms: farReport ? tenths(farReport.jitterMs) : null,
    },
    stray_packets: line.strayPackets,
  }
}

const tenths = (value: number): number => Math.round(value * 10) / 10
