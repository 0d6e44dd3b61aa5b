// ffmpeg and ffprobe: are they there, and can they do what videos need? Nothing is decoded.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { findPrograms, PROGRAM_FOLDERS } from '../../control-api/examine.ts'
import type { Config } from '#core/config'
import type { Check } from '../check.ts'
import { fail, info, ok, warn, type Finding } from '../finding.ts'

const ANSWER_WITHIN_MS = 5000
/** What ffmpeg lists has some hundred lines. */
const MAX_OUTPUT = 1024 * 1024
/** Those that were tried; Debian 12 has 5.1. */
const LEAST_MAJOR = 5

/** By the flag that lists them. */
const NEEDED = {
  '-demuxers': ['mov', 'matroska', 'avi'],
  '-decoders': ['h264', 'hevc', 'vp8', 'vp9', 'mpeg4', 'aac', 'mp3', 'opus', 'vorbis'],
  '-encoders': ['libx264', 'aac', 'mjpeg'],
} as const
type Listing = keyof typeof NEEDED

const WITHOUT =
  'videos are refused (VIDEO_TOOLS_MISSING), and no animation is begun; photos are taken'
const INSTALL = 'Install it where voicegate runs (apt-get install ffmpeg); no restart is needed.'

export const videoTools: Check = {
  name: 'video tools',
  run: ({ config }) => judgeVideoTools(config, PROGRAM_FOLDERS),
}

/** @param folders where the product looks for them: PATH says nothing */
export async function judgeVideoTools(
  { media }: Pick<Config, 'media'>,
  folders: readonly string[],
): Promise<readonly Finding[]> {
  const programs = await findPrograms(folders)
  if (programs === undefined) {
    const seen = `ffmpeg and ffprobe are not both in ${folders.join(', ')}: ${WITHOUT}`
    // Whoever only makes calls needs none.
    const isNeeded = media.dId !== undefined || media.heyGen !== undefined
    return [isNeeded ? warn('video tools', seen, INSTALL) : info('video tools', seen)]
  }
  const { ffmpeg, ffprobe } = programs
  const versions = await Promise.all([ffmpeg, ffprobe].map(versionOf))
  return [judgeVersions(versions), ...(await judgeAbilities(ffmpeg)), ...judgeBounds(programs)]
}

/** As it says itself. */
async function versionOf(program: string): Promise<string> {
  const told = await outputOf(program, ['-version'])
  return /^\w+ version (\S{1,60})/.exec(told)?.[1] ?? 'unknown'
}

/** Builds of a snapshot say no number. */
function judgeVersions([ffmpeg = '', ffprobe = '']: readonly string[]): Finding {
  const seen =
    ffmpeg === ffprobe ? `ffmpeg and ffprobe ${ffmpeg}` : `ffmpeg ${ffmpeg}, ffprobe ${ffprobe}`
  const major = Number(/^n?(\d+)\./.exec(ffmpeg)?.[1] ?? NaN)
  if (major >= LEAST_MAJOR) return ok('video tools', seen)
  if (Number.isNaN(major)) return info('video tools', `${seen}: not a release; 5.1 was tried`)
  const todo =
    'Install a newer ffmpeg: what it does with hostile files was not tried with this one.'
  return warn('video tools', seen, todo)
}

async function judgeAbilities(ffmpeg: string): Promise<readonly Finding[]> {
  const listings = Object.keys(NEEDED) as Listing[]
  const lacking = (await Promise.all(listings.map((listing) => lackingIn(ffmpeg, listing)))).flat()
  if (lacking.length === 0)
    return [ok('video tools', 'it reads and writes every format that is taken')]
  const todo = 'Install a full ffmpeg (Debian’s package has all of it).'
  return [fail('video tools', `this ffmpeg lacks ${lacking.join(', ')}`, todo)]
}

async function lackingIn(ffmpeg: string, listing: Listing): Promise<readonly string[]> {
  const lines = (await outputOf(ffmpeg, ['-hide_banner', listing])).split('\n')
  // ` D  mov,mp4,m4a,3gp,3g2,mj2 QuickTime / MOV`
  const names = new Set(lines.flatMap((line) => (line.trim().split(/\s+/)[1] ?? '').split(',')))
  const what = listing.slice(1, -1)
  return NEEDED[listing].flatMap((name) => (names.has(name) ? [] : [`the ${what} ${name}`]))
}

type Programs = NonNullable<Awaited<ReturnType<typeof findPrograms>>>

function judgeBounds({ prlimit, setpriv }: Programs): readonly Finding[] {
  const missing = Object.entries({ prlimit, setpriv }).flatMap(([name, path]) =>
    path === undefined ? [name] : [],
  )
  if (missing.length === 0) return []
  const seen = `${missing.join(', ')} is not there: a hostile video is bounded in time alone`
  return [warn('video tools', seen, 'Install util-linux; a Mac has none of it.')]
}

async function outputOf(program: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args, {
    timeout: ANSWER_WITHIN_MS,
    killSignal: 'SIGKILL',
    maxBuffer: MAX_OUTPUT,
  })
  return stdout
}
