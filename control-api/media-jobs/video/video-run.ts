// What the tools share: where the programs are, what they may take, one file.
import type { ProgramEnd, ProgramRun, RunLimits } from './run-program.ts'
import type { VideoContainer, VideoFault } from './video-facts.ts'

export interface VideoLimits {
  readonly maxDurationMs: number
  readonly probe: RunLimits
  readonly decode: RunLimits
  readonly preview: RunLimits
  readonly transcode: RunLimits
}

const MIB = 1024 ** 2
const GIB = 1024 ** 3
/** A frame of 8192 × 4096 in ten bits takes 100 MB, and a decoder may have to hold seventeen. */
const DECODER_BYTES = 3 * GIB
const MINUTE_MS = 60_000

export const VIDEO_LIMITS: VideoLimits = {
  maxDurationMs: 30 * MINUTE_MS,
  probe: { deadlineMs: 20_000, cpuSeconds: 20, memoryBytes: GIB, fileBytes: 0 },
  // Half an hour of 1080p takes some four minutes on one processor.
  decode: { deadlineMs: 10 * MINUTE_MS, cpuSeconds: 600, memoryBytes: DECODER_BYTES, fileBytes: 0 },
  preview: {
    deadlineMs: 30_000,
    cpuSeconds: 30,
    memoryBytes: DECODER_BYTES,
    fileBytes: 16 * MIB,
  },
  transcode: {
    deadlineMs: 60 * MINUTE_MS,
    cpuSeconds: 2 * 3600,
    memoryBytes: DECODER_BYTES,
    fileBytes: 4 * GIB,
  },
}

/** A file whose container is known. */
export interface VideoFile {
  readonly path: string
  readonly container: VideoContainer
}

export type RunTool = (
  run: Pick<ProgramRun, 'program' | 'argv' | 'limits' | 'onLine'>,
) => Promise<ProgramEnd>

const OUT_OF_MEMORY = /(?:Cannot|Could not) allocate memory|get_buffer\(\) failed|malloc of size/
const TOO_MANY_PIXELS = /exceeds specified max pixel count|Picture size .* is invalid/
const CODEC = /Codec \((\w{1,40})\) not on whitelist/

/** Why a run did not end well, in words of ours: theirs hold paths. */
export function faultOf(end: ProgramEnd, otherwise: string): VideoFault {
  switch (end.kind) {
    case 'too-slow':
      return { kind: 'too-slow', message: 'It takes longer to decode than it may here.' }
    case 'too-much':
      return { kind: 'damaged', message: 'It holds far more than a video does.' }
    case 'crashed':
    case 'stopped':
      return { kind: 'damaged', message: otherwise }
    case 'exited':
      return faultOfComplaint(end.complaint, otherwise)
    default:
      return end satisfies never
  }
}

function faultOfComplaint(complaint: string, otherwise: string): VideoFault {
  const codec = CODEC.exec(complaint)?.[1]
  if (codec !== undefined)
    return { kind: 'unsupported', message: `It is coded as ${codec}, which is not taken here.` }
  if (TOO_MANY_PIXELS.test(complaint))
    return { kind: 'too-large', message: 'Its pictures have more than 33 million pixels.' }
  if (OUT_OF_MEMORY.test(complaint))
    return { kind: 'too-large', message: 'It needs more memory to be decoded than it may have.' }
  return { kind: 'damaged', message: otherwise }
}
