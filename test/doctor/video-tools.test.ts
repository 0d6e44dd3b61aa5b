// What the doctor says of ffmpeg: of this machine's where there is one, and of programs of ours that say what others would.
import { spawnSync } from 'node:child_process'
import { chmodSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { judgeVideoTools, videoTools } from '../../doctor/checks/video-tools.ts'
import { patient, textOf } from './patient.ts'

const isInstalled = spawnSync('ffmpeg', ['-version']).status === 0

const D_ID = { DID_API_KEY: 'user:key', PUBLIC_URL: 'https://voice.example' }
const ALL = {
  version: '6.1.2-static',
  demuxers: 'mov,mp4,m4a matroska,webm avi',
  decoders: 'h264 hevc vp8 vp9 mpeg4 aac mp3 opus vorbis',
  encoders: 'libx264 aac mjpeg',
}

type Env = Readonly<Record<string, string>>
const look = async (folder: string, env: Env = {}): Promise<string> =>
  textOf(await judgeVideoTools(patient(env).config, [folder]))

/** A folder of programs that answer as told. */
function programs(t: Test, told: Partial<typeof ALL> = {}): string {
  const { version, ...lists } = { ...ALL, ...told }
  const cases = Object.entries(lists).map(
    ([name, words]) => `*-${name}*) for x in ${words}; do echo " D  $x  Words of it"; done;;`,
  )
  const made = ['ffmpeg', 'ffprobe'].map((name) => {
    const says = `-version) echo "${name} version ${version} Copyright";;`
    return [name, `#!/bin/sh\ncase "$*" in\n${[says, ...cases].join('\n')}\nesac\n`] as const
  })
  const held = ['prlimit', 'setpriv'].map((name) => [name, '#!/bin/sh\n'] as const)
  const folder = t.testdir(Object.fromEntries([...made, ...held]))
  for (const name of ['ffmpeg', 'ffprobe', 'prlimit', 'setpriv'])
    chmodSync(join(folder, name), 0o755)
  return folder
}

t.test('where it is missing: good to know, and a warning where animations need it', async (t) => {
  const empty = t.testdir({ ffmpeg: 'not to be run' })
  const without = await look(empty)
  t.match(
    without,
    /^info {2}video tools: ffmpeg and ffprobe are not both in .*: videos are refused/,
  )
  t.notMatch(without, '→')
  t.match(
    await look(empty, D_ID),
    /^warn {2}video tools: .*\n {6}→ Install it where voicegate runs/,
  )
})

t.test('one that has all of it', async (t) => {
  t.equal(
    await look(programs(t), D_ID),
    'ok    video tools: ffmpeg and ffprobe 6.1.2-static\n' +
      'ok    video tools: it reads and writes every format that is taken',
  )
})

t.test('one that lacks formats names them', async (t) => {
  const seen = await look(programs(t, { encoders: 'aac mjpeg', demuxers: 'mov,mp4,m4a' }))
  t.match(
    seen,
    /^fail {2}video tools: .*lacks the demuxer matroska, the demuxer avi, the encoder libx264$/m,
  )
  t.match(seen, /→ Install a full ffmpeg/)
})

t.test('an old one, and one that says no number', async (t) => {
  t.match(
    await look(programs(t, { version: '4.4.2' })),
    /^warn {2}video tools: ffmpeg and ffprobe 4\.4\.2$/m,
  )
  t.match(
    await look(programs(t, { version: 'n7.1-12-gabcdef' })),
    /^ok {4}video tools: ffmpeg and ffprobe n7\.1/m,
  )
  t.match(
    await look(programs(t, { version: 'N-109000-gabcdef' })),
    /^info {2}video tools: .*: not a release; 5\.1 was tried$/m,
  )
})

t.test('nothing that would hold it down: it says so', async (t) => {
  const folder = programs(t)
  unlinkSync(join(folder, 'prlimit'))
  t.match(await look(folder), /^warn {2}video tools: prlimit is not there: .*in time alone$/m)
})

t.test(
  'this machine’s does',
  { skip: isInstalled ? false : 'no ffmpeg is installed' },
  async (t) => {
    const seen = textOf(await videoTools.run(patient(D_ID)))
    t.match(seen, /^ok {4}video tools: ffmpeg and ffprobe \d/m)
    t.match(seen, /^ok {4}video tools: it reads and writes every format/m)
  },
)
