// What the audio of an answered test call says: whether it came both ways, and how well.
import { fail, info, ok, warn, type Finding } from '../finding.ts'
import { familyOf } from './ladder.ts'
import type { Judged } from './judge-call.ts'
import type { LineReport } from './test-line.ts'

/** Beyond this speech is hard to follow (ITU-T G.107: the E-model falls below 3.6). */
const MUCH_LOSS = 0.03
/** Our jitter buffer is made for less. */
const MUCH_JITTER_MS = 40
/** Comfort noise and a hissing line are louder. */
const SILENCE_DB = -60

export function judgeAudio(judged: Judged): readonly Finding[] {
  const { line, stopped } = judged
  if (!line?.received)
    return [
      stopped
        ? info('call', 'you hung up before there was any audio')
        : fail('call', 'there was no time for audio', 'Try again.'),
    ]
  return [
    cameIn(judged, line),
    ...(line.received.packets > 0 ? quality(line) : []),
    wentOut(line, stopped),
    ...strays(line),
  ]
}

function cameIn({ config, stopped }: Judged, line: LineReport): Finding {
  const { packets = 0, lost = 0, jitterMs = 0, firstAfterMs = null } = line.received ?? {}
  const { remote } = line
  if (packets === 0 && line.strayPackets > 0)
    return fail(
      'call',
      `no audio came in from where the other side said, but from elsewhere (packets not taken: ${line.strayPackets})`,
      'The SDP of the carrier names an address behind its NAT, and its audio comes from a third one: ask it to correct its SDP.',
    )
  if (packets === 0 && remote?.sends === false)
    return fail(
      'call',
      'no audio came in: the other side said that it would send none (recvonly or inactive)',
      'Call another number; if every one says so, ask the carrier.',
    )
  // Ours goes out at once: where it had not yet, theirs had no time to come either.
  if (packets === 0 && stopped && line.sentPackets === 0 && remote?.receives !== false)
    return info('call', 'no audio came in yet when you hung up')
  if (packets === 0) {
    const { rtpPortMin: min, rtpPortMax: max, rtpHost, rtpAdvertise } = config
    const told = rtpAdvertise ?? rtpHost
    const nat =
      rtpAdvertise === undefined && familyOf(told) === 'private IPv4'
        ? ' RTP_HOST is a private address and SIP_ADVERTISE is not set: the carrier may be sending nowhere.'
        : ''
    return fail(
      'call',
      'no audio came in: the other side hears us at best, we do not hear it (one-way audio)',
      `Let UDP to the ports ${min} to ${max} of this machine through the firewall, and behind NAT forward them and set SIP_ADVERTISE to the public address.${nat}`,
    )
  }
  const share = lost / (packets + lost)
  const codec = remote?.formats[0].codec ?? 'G.711'
  const from = remote ? `, from ${familyOf(remote.address)}` : ''
  const first =
    firstAfterMs === null ? '' : `, the first ${Math.round(firstAfterMs)} ms after the answer`
  const seen = `audio came in: ${packets} packets of ${codec}${from}, ${lost} lost, jitter ${jitterMs.toFixed(1)} ms${first}`
  if (share <= MUCH_LOSS && jitterMs <= MUCH_JITTER_MS) return ok('call', seen)
  const todo =
    'That is much: use a wired connection, look for what else fills the line, or ask the carrier for a nearer entrance.'
  return warn('call', seen, todo)
}

function quality({ loudestDb }: LineReport): readonly Finding[] {
  if (loudestDb === null || loudestDb > SILENCE_DB) return []
  const todo =
    'If somebody spoke into the phone that was called, its microphone or the way to us is dead; if nobody did, all is well.'
  return [warn('call', 'what came in was silence from beginning to end', todo)]
}

function wentOut({ sentPackets, remote, farReport }: LineReport, stopped: boolean): Finding {
  if (remote?.receives === false)
    return fail(
      'call',
      'no audio went out: the other side asked for none (sendonly or inactive, a call on hold)',
      'Call another number; if every one says so, ask the carrier.',
    )
  if (sentPackets === 0 && stopped) return info('call', 'no audio went out yet when you hung up')
  if (sentPackets === 0) return fail('call', 'no audio went out', 'Let the call last longer.')
  const seen = `audio went out: ${sentPackets} packets`
  if (!farReport)
    return info(
      'call',
      `${seen}; the other side reports nothing about them (no RTCP): a soft tone every two seconds tells the one who listens`,
    )
  const lost = Math.max(0, farReport.lost)
  const report = `${seen}; the other side reports ${lost} lost, jitter ${farReport.jitterMs.toFixed(1)} ms`
  if (lost <= sentPackets * MUCH_LOSS) return ok('call', report)
  return warn('call', report, 'Look at the line from here to the carrier: what else fills it?')
}

function strays({ strayPackets, received }: LineReport): readonly Finding[] {
  if (strayPackets === 0 || (received?.packets ?? 0) === 0) return []
  const seen = `packets from an address that the SDP did not name were not taken: ${strayPackets}`
  return [warn('call', seen, 'If callers are cut off now and then, show this to the carrier.')]
}
