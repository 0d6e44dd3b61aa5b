// What the agent over Twilio's streams adds to a word's way, both ways, and what a call of it costs: the whole product,
// beside a bare relay of the same messages and beside the leg of RTP.
import type { BenchOptions } from '../options.ts'
import type { Finding, Report } from '../report/finding.ts'
import { runNotes } from './bridge-findings.ts'
import { runBridge } from './bridge-run.ts'
import { streamFindings, type StreamRound } from './stream-findings.ts'
import { runStream, spurtsMsOf } from './stream-run.ts'

const CALLS = [1, 20, 50]

export async function stream(options: BenchOptions): Promise<Report> {
  const findings: Finding[] = []
  const notes: string[] = []
  const raw: Record<string, readonly StreamRound[]> = {}
  for (const calls of options.calls ?? CALLS) {
    const rounds: StreamRound[] = []
    for (let round = 0; round < options.rounds; round += 1)
      rounds.push(await runRound(options, calls))
    findings.push(...streamFindings(calls, rounds))
    const all = rounds.flatMap(({ floor, product, rtp }) => [product, floor, rtp])
    const spurts = rounds.reduce((sum, { product }) => sum + product.spurts.downlinkMs.count, 0)
    notes.push(`${runNotes(`${calls} calls`, all)}; the delay down is of ${spurts} talk spurts`)
    raw[`${calls} calls`] = rounds
  }
  notes.push(...NOTES)
  const title = 'the agent over Twilio Media Streams, both directions talking'
  return { name: 'stream', title, findings, notes, raw }
}

/** All three of the same minute. */
async function runRound(options: BenchOptions, calls: number): Promise<StreamRound> {
  const product = await runStream(options, { kind: 'voicegate', calls })
  const floor = await runStream(options, { kind: 'stream-floor', calls })
  const rtp = await runBridge(options, {
    kind: 'bridge',
    calls,
    callerFrameMs: 20,
    format: 'ulaw_8000',
    hasSpurts: true,
    spurtsMs: spurtsMsOf(options, calls),
    memory: 'no',
  })
  return { product, floor, rtp }
}

const NOTES = [
  'product: the whole of it, called by signed webhooks; a frame crosses from the stream in the main thread to the media worker and its agent, and back',
  'floor: a bare ws server that passes the base64 on between both sockets, one thread, unpaced',
  'RTP leg: the bridge alone, as `npm run bench -- bridge` measures it, in the same minute; at few calls the difference of CPU is mostly what a whole product costs at rest',
  'made up: when nothing came for 80 ms the bridge gives the agent what it makes up; the frame behind it is blended and has no mark any more, so it counts as lost: then process or load stood still',
  'goals are those of the RTP leg; the load is Twilio and the agent, so both times of each figure are of one clock',
]
