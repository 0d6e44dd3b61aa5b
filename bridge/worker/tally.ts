// The metrics of one worker thread: counted in plain cells, told to the main thread as differences once a second.
import type { CounterName, HistogramName, LabelArguments, LabelsOf } from '#core/telemetry'
import type { CounterCell, ObservationCell, RtpCounters } from '../rtp/rtp-counters.ts'

/** Checked against the name where a cell is made. */
type Labels = Readonly<Record<string, string>>

/** One message's worth of metrics. */
export interface TallyReport {
  readonly counters: readonly {
    readonly name: CounterName
    readonly labels: Labels
    readonly added: number
  }[]
  readonly observations: readonly {
    readonly name: HistogramName
    readonly labels: Labels
    readonly values: readonly number[]
  }[]
  /** Absolute values of this worker. */
  readonly gauges: { readonly portsInUse: number; readonly eventLoopLagSeconds: number }
  /** Seconds of each garbage collection of this worker's thread. */
  readonly gcPauses: readonly number[]
}

/** A cell keeps no more than this each second. A second of 200 calls at one sample in 16 packets is 625; what is beyond is dropped, which skews nothing. */
const MAX_OBSERVATIONS = 2000

interface CountedCell extends CounterCell {
  readonly name: CounterName
  readonly labels: Labels
  reported: number
}

interface ObservedCell {
  readonly name: HistogramName
  readonly labels: Labels
  values: number[]
}

export class Tally {
  readonly #counters: CountedCell[] = []
  readonly #histograms: ObservedCell[] = []
  #gcPauses: number[] = []

  counter<Name extends CounterName>(name: Name, ...labels: LabelArguments<Name>): CounterCell {
    const cell: CountedCell = { name, labels: labels[0] ?? {}, value: 0, reported: 0 }
    this.#counters.push(cell)
    return cell
  }

  histogram<Name extends HistogramName>(
    name: Name,
    ...labels: LabelArguments<Name>
  ): ObservationCell {
    const cell: ObservedCell = { name, labels: labels[0] ?? {}, values: [] }
    this.#histograms.push(cell)
    return {
      observe: (seconds) => {
        if (cell.values.length < MAX_OBSERVATIONS) cell.values.push(seconds)
      },
    }
  }

  /** The thread was held up for so long. Its name is known to the main thread. */
  gcPaused(seconds: number): void {
    if (this.#gcPauses.length < MAX_OBSERVATIONS) this.#gcPauses.push(seconds)
  }

  /** What happened since the last report. */
  report(gauges: TallyReport['gauges']): TallyReport {
    const counters: { name: CounterName; labels: Labels; added: number }[] = []
    for (const cell of this.#counters) {
      const added = cell.value - cell.reported
      cell.reported = cell.value
      if (added > 0) counters.push({ name: cell.name, labels: cell.labels, added })
    }
    const observed = this.#histograms.filter(({ values }) => values.length > 0)
    const observations = observed.map((cell) => {
      const { name, labels, values } = cell
      cell.values = []
      return { name, labels, values }
    })
    const gcPauses = this.#gcPauses
    this.#gcPauses = []
    return { counters, observations, gauges, gcPauses }
  }
}

/** Everything the sessions of a worker count. */
export interface MediaTally {
  readonly rtp: RtpCounters
  readonly lateFrames: CounterCell
  readonly underruns: CounterCell
  readonly uplink: ObservationCell
  readonly downlink: ObservationCell
  readonly vendorRequest: (
    operation: VendorOperation,
    result: 'ok' | 'failed',
    seconds: number,
  ) => void
}

type VendorOperation = 'signed_url' | 'agent_socket'
const VENDOR = 'elevenlabs'

export function createMediaTally(tally: Tally): MediaTally {
  type Rejection = LabelsOf<'rtp_rejected_total'>['reason']
  const rejected = (reason: Rejection): CounterCell =>
    tally.counter('rtp_rejected_total', { reason })
  return {
    rtp: {
      received: tally.counter('rtp_packets_total', { direction: 'received' }),
      sent: tally.counter('rtp_packets_total', { direction: 'sent' }),
      lost: tally.counter('rtp_lost_total'),
      late: tally.counter('rtp_late_total'),
      jitter: tally.histogram('rtp_jitter_seconds'),
      rejected: {
        stranger: rejected('stranger'),
        'not-rtp': rejected('not-rtp'),
        rtcp: rejected('rtcp'),
        'payload-type': rejected('payload-type'),
        duplicate: rejected('duplicate'),
        'out-of-range': rejected('out-of-range'),
        'too-large': rejected('too-large'),
        'too-fast': rejected('too-fast'),
        event: rejected('event'),
      },
    },
    lateFrames: tally.counter('playout_late_frames_total'),
    underruns: tally.counter('playout_underruns_total'),
    uplink: tally.histogram('bridge_uplink_seconds'),
    downlink: tally.histogram('bridge_downlink_seconds'),
    vendorRequest: countVendorRequests(tally),
  }
}

/** For what takes the way of RTP and is none: it is counted where it is, and in nobody's metrics. */
export const uncountedRtp = (): RtpCounters => createMediaTally(new Tally()).rtp

function countVendorRequests(tally: Tally): MediaTally['vendorRequest'] {
  const requests = (operation: VendorOperation, result: 'ok' | 'failed'): CounterCell =>
    tally.counter('vendor_requests_total', { vendor: VENDOR, operation, result })
  const cellsOf = (operation: VendorOperation) => ({
    ok: requests(operation, 'ok'),
    failed: requests(operation, 'failed'),
    seconds: tally.histogram('vendor_request_seconds', { vendor: VENDOR, operation }),
  })
  const cells = { signed_url: cellsOf('signed_url'), agent_socket: cellsOf('agent_socket') }
  return (operation, result, seconds) => {
    cells[operation][result].value += 1
    cells[operation].seconds.observe(seconds)
  }
}
