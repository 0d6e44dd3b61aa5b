// What is made of a video: a preview, whatever its length, and an MP4 that every browser plays.
import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import sharp from 'sharp'
import { openVideoTools } from '../../../../control-api/media-jobs/video/open-video-tools.ts'
import { cutOff, ffmpeg, freshFolder, makeVideo, NO_FFMPEG } from './made-videos.ts'

const signal = new AbortController().signal

async function build(t: Test) {
  const folder = await freshFolder(t)
  const workFolder = join(folder, 'work')
  const tools = openVideoTools({ workFolder })
  t.teardown(() => tools.close())
  return { folder, tools, left: () => readdir(workFolder) }
}

t.test('the preview is the frame at 1 s, or of what there is', { skip: NO_FFMPEG }, async (t) => {
  const { folder, tools, left } = await build(t)
  const target = join(folder, 'preview.jpg')
  const lengths = [3, 0.4, 0.04]
  for (const seconds of lengths) {
    const path = await makeVideo(folder, `of-${seconds}.mp4`, { seconds, sound: false })
    await tools.preview(path, target, signal)
    t.match(await sharp(await readFile(target)).metadata(), { format: 'jpeg', width: 160 })
  }
  const late = join(folder, 'late.mp4')
  await ffmpeg(
    ...['-f', 'lavfi', '-i', 'color=black:s=160x120:d=0.9:r=25'],
    ...['-f', 'lavfi', '-i', 'color=white:s=160x120:d=1:r=25'],
    ...['-filter_complex', '[0][1]concat', '-pix_fmt', 'yuv420p', late],
  )
  await tools.preview(late, target, signal)
  const { channels } = await sharp(await readFile(target)).stats()
  t.ok((channels[0]?.mean ?? 0) > 200, 'at 1 s it is white')
  t.same(await left(), [])
})

t.test(
  'the preview stands upright and is no larger than 1280 px',
  { skip: NO_FFMPEG },
  async (t) => {
    const { folder, tools } = await build(t)
    const wide = { size: '1920x1080', sound: false, more: ['-preset', 'ultrafast'] }
    const lying = await makeVideo(folder, 'lying.mp4', wide)
    const turned = join(folder, 'turned.mp4')
    await ffmpeg('-i', lying, '-c', 'copy', '-metadata:s:v:0', 'rotate=90', turned)
    const target = join(folder, 'preview.jpg')
    await tools.preview(turned, target, signal)
    t.match(await sharp(await readFile(target)).metadata(), { width: 720, height: 1280 })
  },
)

t.test('what has no picture gives none', { skip: NO_FFMPEG }, async (t) => {
  const { folder, tools, left } = await build(t)
  const path = await makeVideo(folder, 'whole.mp4')
  const head = await cutOff(path, join(folder, 'head.mp4'), 0.05)
  const target = join(folder, 'preview.jpg')
  await t.rejects(tools.preview(head, target, signal), { code: 'MEDIA_DAMAGED' })
  t.same(await left(), [])
})

t.test(
  'the web copy plays everywhere: even sizes, index in front, no places',
  { skip: NO_FFMPEG },
  async (t) => {
    const { folder, tools, left } = await build(t)
    const path = await makeVideo(folder, 'odd.mkv', {
      size: '321x241',
      seconds: 4,
      more: [
        '-vf',
        'format=yuv444p,scale=321:241',
        '-pix_fmt',
        'yuv444p',
        '-metadata',
        'location=+52.5+13.4/',
        '-metadata',
        'title=secret',
      ],
    })
    t.match(await tools.check(path, signal), { facts: { isWebSafe: false, width: 321 } })
    const target = join(folder, 'web.mp4')
    const shares: number[] = []
    const onProgress = (share: number) => void shares.push(share)
    await tools.transcode(path, target, { durationMs: 4000, signal, onProgress })
    t.match(await tools.check(target, signal), {
      kind: 'good',
      facts: { isWebSafe: true, container: 'mp4', width: 320, height: 240, audioCodec: 'aac' },
    })
    t.ok(shares.length > 0 && shares.every((share) => share >= 0 && share <= 1), shares.join(' '))
    t.equal(shares.at(-1), 1)
    const bytes = await readFile(target)
    t.ok(bytes.indexOf('moov') < bytes.indexOf('mdat'), 'the index is in front')
    const { stdout } = await promisify(execFile)('/usr/bin/ffprobe', [
      ...['-v', 'error', '-show_entries', 'format_tags', target],
    ])
    t.notMatch(stdout, /location|secret/)
    t.same(await left(), [])
  },
)

t.test('what is given up is killed, and leaves nothing', { skip: NO_FFMPEG }, async (t) => {
  const { folder, tools, left } = await build(t)
  const path = await makeVideo(folder, 'long.mp4', { seconds: 60, more: ['-preset', 'ultrafast'] })
  const giving = new AbortController()
  const target = join(folder, 'web.mp4')
  const running = tools.transcode(path, target, {
    durationMs: 60_000,
    signal: giving.signal,
    onProgress: () => giving.abort(new Error('gave up')),
  })
  await t.rejects(running, { message: 'gave up' })
  t.same(await left(), [])
  t.notOk((await readdir(folder)).includes('web.mp4'))
})
