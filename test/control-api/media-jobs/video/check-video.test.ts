// What is a video of ours, and what is not: real files of every container, damaged ones, and files in disguise.
import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join, relative } from 'node:path'
import t, { type Test } from 'tap'
import {
  openVideoTools,
  type VideoToolsDeps,
} from '../../../../control-api/media-jobs/video/open-video-tools.ts'
import {
  decodeArguments,
  probeArguments,
} from '../../../../control-api/media-jobs/video/arguments.ts'
import {
  VIDEO_CONTAINERS,
  type CheckedVideo,
  type VideoContainer,
} from '../../../../control-api/media-jobs/video/video-facts.ts'
import { VIDEO_LIMITS } from '../../../../control-api/media-jobs/video/video-run.ts'
import {
  concatOf,
  cutOff,
  ffmpeg,
  freshFolder,
  hlsOf,
  HTML,
  makeVideo,
  NO_FFMPEG,
  rotten,
  SVG,
  writeText,
} from './made-videos.ts'

const UNENDING = new AbortController().signal

async function build(t: Test, deps: Partial<VideoToolsDeps> = {}) {
  const folder = await freshFolder(t)
  const workFolder = join(folder, 'work')
  const tools = openVideoTools({ workFolder, ...deps })
  t.teardown(() => tools.close())
  return {
    folder,
    tools,
    check: (path: string): Promise<CheckedVideo> => tools.check(path, UNENDING),
    left: () => readdir(workFolder),
  }
}

t.test(
  'videos of all five containers are good, by whatever name',
  { skip: NO_FFMPEG },
  async (t) => {
    const { folder, check, left } = await build(t)
    const expected = [
      ['mp4', 'h264', 'aac', true],
      ['mov', 'h264', 'aac', false],
      ['mkv', 'h264', 'aac', false],
      ['avi', 'mpeg4', 'mp3', false],
      ['webm', 'vp8', 'opus', false],
    ] as const
    for (const [container, videoCodec, audioCodec, isWebSafe] of expected) {
      const made = await makeVideo(folder, `video.${container}`)
      const path = join(folder, `-odd:name.${container}.jpg`)
      await writeFile(path, await readFile(made))
      const checked = await check(path)
      t.match(checked, {
        kind: 'good',
        facts: {
          container,
          videoCodec,
          audioCodec,
          isWebSafe,
          width: 160,
          height: 120,
          rotationDegrees: 0,
          framesPerSecond: 25,
          bitsPerSecond: Number,
          bytes: (await readFile(made)).length,
        },
      })
      const durationMs = checked.kind === 'good' ? checked.facts.durationMs : 0
      t.ok(Math.abs(durationMs - 2000) < 200, `${container}: ${durationMs} ms`)
    }
    t.same(await left(), [], 'nothing is left in the work folder')
  },
)

t.test('rotated, silent, of changing frame rate: all good', { skip: NO_FFMPEG }, async (t) => {
  const { folder, check } = await build(t)
  const plain = await makeVideo(folder, 'plain.mp4', { size: '320x240' })
  const turned = join(folder, 'turned.mp4')
  // Displayed, its upper left corner is below: counter-clockwise.
  await ffmpeg('-i', plain, '-c', 'copy', '-metadata:s:v:0', 'rotate=90', turned)
  t.match(await check(turned), {
    kind: 'good',
    facts: { rotationDegrees: 270, width: 240, height: 320 },
  })
  const silent = await makeVideo(folder, 'silent.mp4', { sound: false })
  t.match(await check(silent), { kind: 'good', facts: { audioCodec: null, isWebSafe: true } })
  const changing = await makeVideo(folder, 'changing.mp4', {
    more: ['-vf', "select='not(mod(n,3))+gt(n,30)',setpts=PTS+0.01*random(0)", '-fps_mode', 'vfr'],
  })
  t.match(await check(changing), { kind: 'good' })
  const tenBits = await makeVideo(folder, 'ten.mp4', { more: ['-pix_fmt', 'yuv420p10le'] })
  t.match(await check(tenBits), { kind: 'good', facts: { isWebSafe: false } })
  const covered = join(folder, 'covered.mp4')
  await ffmpeg('-i', plain, '-frames:v', '1', join(folder, 'cover.jpg'))
  await ffmpeg(
    ...['-i', plain, '-i', join(folder, 'cover.jpg'), '-map', '1', '-map', '0', '-c', 'copy'],
    ...['-disposition:v:0', 'attached_pic', covered],
  )
  t.match(await check(covered), { kind: 'good', facts: { videoCodec: 'h264', width: 320 } })
  const worded = join(folder, 'worded.mkv')
  await writeText(join(folder, 'words.srt'), '1\n00:00:00,000 --> 00:00:01,000\nwords\n')
  await ffmpeg('-i', plain, '-i', join(folder, 'words.srt'), '-c', 'copy', worded)
  t.match(await check(worded), { kind: 'good' }, 'with subtitles')
})

t.test(
  'a path that is relative to where we run leads to the file',
  { skip: NO_FFMPEG },
  async (t) => {
    const folder = await freshFolder(t)
    const tools = openVideoTools({ workFolder: relative(process.cwd(), join(folder, 'work')) })
    t.teardown(() => tools.close())
    const path = relative(process.cwd(), await makeVideo(folder, 'one.mp4'))
    t.match(await tools.check(path, UNENDING), { kind: 'good' })
    const preview = relative(process.cwd(), join(folder, 'one.jpg'))
    await tools.preview(path, preview, UNENDING)
    t.ok((await readFile(preview)).length > 0)
  },
)

t.test('what a browser recorded does not say how long it is', { skip: NO_FFMPEG }, async (t) => {
  const { folder, check } = await build(t)
  const live = { more: ['-live', '1', '-f', 'webm'] }
  const one = await makeVideo(folder, 'live.webm', live)
  const checked = await check(one)
  t.match(checked, { kind: 'good', facts: { container: 'webm' } })
  const durationMs = checked.kind === 'good' ? checked.facts.durationMs : 0
  t.ok(Math.abs(durationMs - 2000) < 200, 'as long as it decoded', { durationMs })
  const short = await build(t, { limits: { maxDurationMs: 1000 } })
  t.match(await short.check(one), { kind: 'bad', fault: { kind: 'too-long' } })
})

t.test('damaged files are told from whole ones', { skip: NO_FFMPEG }, async (t) => {
  const { folder, check } = await build(t)
  const [mp4, mkv, webm, avi] = await Promise.all(
    ['whole.mp4', 'whole.mkv', 'whole.webm', 'whole.avi'].map((name) => makeVideo(folder, name)),
  )
  const late = await makeVideo(folder, 'late.mp4', { more: ['-movflags', '-faststart'] })
  const bad = [
    await cutOff(mp4 ?? '', join(folder, 'cut.mp4'), 0.6),
    await cutOff(late, join(folder, 'cut-late.mp4'), 0.6),
    await cutOff(mkv ?? '', join(folder, 'cut.mkv'), 0.5),
    await cutOff(webm ?? '', join(folder, 'cut.webm'), 0.6),
    await cutOff(avi ?? '', join(folder, 'cut.avi'), 0.5),
    await rotten(mp4 ?? '', join(folder, 'rotten.mp4')),
    await cutOff(mp4 ?? '', join(folder, 'head.mp4'), 0.01),
  ]
  for (const path of bad) {
    const checked = await check(path)
    t.match(checked, { kind: 'bad', fault: { kind: 'damaged', message: String } }, path)
    t.notMatch(JSON.stringify(checked), folder, 'no paths')
  }
})

t.test('what is no video, or none of ours, is said to be so', { skip: NO_FFMPEG }, async (t) => {
  const { folder, check } = await build(t)
  const none = [
    await writeText(join(folder, 'empty.mp4'), ''),
    await writeText(join(folder, 'drawing.mp4'), SVG),
    await writeText(join(folder, 'page.mp4'), HTML),
    await writeText(join(folder, 'noise.mp4'), 'x'.repeat(100_000)),
  ]
  for (const path of none)
    t.match(await check(path), { kind: 'bad', fault: { kind: 'not-a-video' } }, path)
  const audio = join(folder, 'audio.mp4')
  await ffmpeg('-f', 'lavfi', '-i', 'sine=d=1', '-c:a', 'aac', audio)
  t.match(await check(audio), { kind: 'bad', fault: { kind: 'unsupported' } })
  const odd = await makeVideo(folder, 'odd.mov', { more: ['-pix_fmt', 'rgb24', '-c:v', 'qtrle'] })
  t.match(await check(odd), { kind: 'bad', fault: { kind: 'unsupported', message: /qtrle/ } })
})

/** A container for each reader of ffmpeg: a test below holds that there are no more. */
const READERS: readonly VideoContainer[] = ['mp4', 'mkv', 'avi']

t.test('a playlist in disguise reads no file and calls nobody', { skip: NO_FFMPEG }, async (t) => {
  const { folder, check } = await build(t)
  const whole = await makeVideo(folder, 'secret.mp4')
  let requests = 0
  const listener = createServer((_request, response) => {
    requests += 1
    response.end()
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  t.teardown(() => listener.close())
  const { port } = listener.address() as AddressInfo
  const texts = [
    hlsOf(`file://${whole}`),
    hlsOf(whole),
    hlsOf(`http://127.0.0.1:${port}/segment.ts`),
    concatOf('secret.mp4'),
    concatOf(`file:${whole}`),
    concatOf(`http://127.0.0.1:${port}/x.mp4`),
    `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>http://127.0.0.1:${port}/</BaseURL></MPD>`,
  ]
  // As they are, and behind the first bytes of a video, by which the first look takes them for one.
  const heads: readonly Buffer[] = [
    Buffer.alloc(0),
    Buffer.from('00000018667479706d703432000000006d70343269736f6d', 'hex'),
    Buffer.from('RIFF\u0000\u0001\u0000\u0000AVI LIST', 'latin1'),
  ]
  for (const [at, text] of texts.entries())
    for (const head of heads) {
      const path = join(folder, `disguised-${at}.mp4`)
      await writeFile(path, Buffer.concat([head, Buffer.from(text)]))
      const kind = head.length === 0 ? 'not-a-video' : /^damaged|unsupported$/
      t.match(await check(path), { kind: 'bad', fault: { kind } }, text)
      // And were it not for the first look: by each of the three readers.
      for (const container of READERS)
        for (const [program, argv] of [
          ['ffprobe', probeArguments(path, container)],
          ['ffmpeg', decodeArguments(path, container, { cpuSeconds: 5 })],
        ] as const)
          t.notMatch(await outputOf(program, argv), /h264|out_time_us=[1-9]/, `${program} ${text}`)
    }
  t.equal(requests, 0, 'nobody was called')
})

const outputOf = (program: string, argv: readonly string[]): Promise<string> =>
  new Promise((resolve) => {
    execFile(`/usr/bin/${program}`, argv, (_error, output) => resolve(output))
  })

t.test('three readers serve the five containers', async (t) => {
  const readers = VIDEO_CONTAINERS.map((container) =>
    [...probeArguments('x', container), ...decodeArguments('x', container, { cpuSeconds: 5 })].join(
      ' ',
    ),
  )
  t.equal(new Set(readers).size, 3)
  const three = READERS.map((name) => readers[VIDEO_CONTAINERS.indexOf(name)])
  t.equal(new Set(three).size, 3, 'those that a playlist in disguise is given to')
})

t.test('too long, too many pixels, too slow', { skip: NO_FFMPEG }, async (t) => {
  const { folder, check } = await build(t)
  const big = await makeVideo(folder, 'big.mp4', {
    size: '8192x4200',
    seconds: 0.08,
    sound: false,
    more: ['-preset', 'ultrafast'],
  })
  t.match(await check(big), { kind: 'bad', fault: { kind: 'too-large' } })
  const path = await makeVideo(folder, 'plain.mp4')
  const short = await build(t, { limits: { maxDurationMs: 1000 } })
  t.match(await short.check(path), { kind: 'bad', fault: { kind: 'too-long' } })
  const hasty = await build(t, { limits: { decode: { ...VIDEO_LIMITS.decode, deadlineMs: 1 } } })
  t.match(await hasty.check(path), { kind: 'bad', fault: { kind: 'too-slow' } })
  const poor = await build(t, {
    limits: { decode: { ...VIDEO_LIMITS.decode, memoryBytes: 340 * 1024 ** 2 } },
  })
  const large = await makeVideo(folder, 'large.mp4', {
    size: '3840x2160',
    seconds: 0.5,
    more: ['-preset', 'ultrafast'],
  })
  // Which thread meets the limit decides what ffmpeg says of it.
  t.match(await poor.check(large), { kind: 'bad', fault: { kind: /^(too-large|damaged)$/ } })
})

t.test('a machine without ffmpeg says so', async (t) => {
  const { folder, tools } = await build(t, { programFolders: [] })
  t.equal(await tools.isInstalled(), false)
  const path = await writeText(join(folder, 'x.mp4'), 'x')
  await t.rejects(tools.check(path, UNENDING), { code: 'VIDEO_TOOLS_MISSING' })
})

t.test(
  'two at a time, a short line, and whoever gives up leaves it',
  { skip: NO_FFMPEG },
  async (t) => {
    const { folder, tools, left } = await build(t, {
      places: { count: 1, line: 1, waitMs: 20_000 },
    })
    const path = await makeVideo(folder, 'plain.mp4')
    const first = tools.check(path, UNENDING)
    const giving = new AbortController()
    const second = tools.check(path, giving.signal)
    await t.rejects(tools.check(path, UNENDING), { code: 'MEDIA_BUSY', retryAfterSeconds: 10 })
    giving.abort(new Error('gave up'))
    await t.rejects(second, { message: 'gave up' })
    const third = tools.check(path, UNENDING)
    t.match(await Promise.all([first, third]), [{ kind: 'good' }, { kind: 'good' }])
    t.same(await left(), [])
  },
)

t.test('closing kills what runs, and nothing is left', { skip: NO_FFMPEG }, async (t) => {
  const { folder, tools, left } = await build(t)
  const path = await makeVideo(folder, 'long.mp4', { times: 30 })
  const running = tools.check(path, UNENDING)
  const refused = t.rejects(running, { code: 'DRAINING' })
  await new Promise((resolve) => setTimeout(resolve, 150))
  await tools.close()
  await refused
  t.same(await left(), [])
})
