// Who is killed × at which point: every pair that can be.
import { INBOUND, OUTBOUND, SPOKEN_TO, type Point } from './points.ts'
import type { ThreadLoss } from './victim.ts'

export interface Who {
  readonly name: string
  /** Null: the whole process, by SIGKILL. More than one: the one that chance names. */
  readonly threads: readonly [string, ...string[]] | null
  readonly how: ThreadLoss
  /** The process ends with it, and a supervisor starts it again. */
  readonly endsProcess: boolean
}

export interface Pair {
  readonly who: Who
  readonly point: Point
}

const MEDIA = ['media-0', 'media-1'] as const
const MAIN: Who = { name: 'process', threads: null, how: 'ends', endsProcess: true }
const SIP: Who = { name: 'SIP', threads: ['embedded-sip'], how: 'ends', endsProcess: true }
const DATABASE: Who = { name: 'database', threads: ['database'], how: 'ends', endsProcess: true }
const MEDIA_ENDS: Who = { name: 'media', threads: MEDIA, how: 'ends', endsProcess: false }
const MEDIA_HANGS: Who = { name: 'media hangs', threads: MEDIA, how: 'hangs', endsProcess: false }
const SPEECH: Who = { name: 'speech', threads: ['speech'], how: 'ends', endsProcess: false }

const POINTS: readonly Point[] = [...OUTBOUND, ...INBOUND]
const TALKING = POINTS.filter(({ name }) => name.startsWith('talking'))

export const MATRIX: readonly Pair[] = [
  ...[MAIN, SIP, DATABASE, MEDIA_ENDS].flatMap((who) => POINTS.map((point) => ({ who, point }))),
  ...TALKING.map((point) => ({ who: MEDIA_HANGS, point })),
  { who: SPEECH, point: SPOKEN_TO },
]

export const nameOf = ({ who, point }: Pair): string =>
  `${who.name} | ${point.direction} | ${point.name}`
