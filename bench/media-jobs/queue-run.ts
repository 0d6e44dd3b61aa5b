// A queue of animations worked off, all of it in this process but HTTP between us and the simulated D-ID. The video is judged
// by its bytes: what ffmpeg takes is no matter of the queue.
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import sharp from 'sharp'
import { newTaskId } from '../../control-api/media-jobs/media-keys.ts'
import type { VideoTools } from '../../control-api/media-jobs/video/video-tools.ts'
import { createLogger } from '../../core/telemetry/index.ts'
import { startDId, type DIdSimulator } from '../../simulators/d-id/index.ts'
import { openAnimationParts, type AnimationParts } from '../../test/support/animation-parts.ts'
import { faultOf } from './faults.ts'

export interface QueueOptions {
  readonly jobs: number
  readonly renderMs: number
  readonly maxJobs: number
  readonly withWebhooks: boolean
  readonly folder: string
}

export interface QueueResult {
  readonly seconds: number
  readonly wrong: readonly string[]
  readonly polls: number
  readonly paid: number
  readonly accepted: number
}

const MOST_SECONDS = 900
/** A fiftieth of what they are: so is the time that a job renders. */
const TIMING = {
  pollMs: { first: 100, max: 600 },
  retryMs: { first: 50, max: 500 },
  stepRetryMs: { first: 50, max: 500 },
  lookAgainMs: 600,
}

export async function workOff(options: QueueOptions): Promise<QueueResult> {
  const { folder, renderMs, maxJobs, withWebhooks } = options
  const video = await aVideo(join(folder, 'v.mp4'))
  const vendor = await startDId({ video, renderMs, concurrency: maxJobs, credits: 100_000 })
  const inbox = await openInbox()
  const parts = await openAnimationParts({
    dataDir: join(folder, 'data'),
    logger: createLogger('silent'),
    media: mediaOf(vendor, maxJobs),
    timing: TIMING,
    video: judgedByBytes(video),
    publicUrl: withWebhooks ? inbox.url : undefined,
  })
  inbox.wake = (taskId) => parts.animations.wake({ provider: 'd-id', taskId })
  try {
    return await measure(parts, vendor, options)
  } finally {
    await parts.close()
    await vendor.close()
    inbox.close()
  }
}

async function measure(
  parts: AnimationParts,
  vendor: DIdSimulator,
  { jobs }: QueueOptions,
): Promise<QueueResult> {
  const mediaId = await addPhoto(parts)
  const asked: { readonly taskId: string; readonly end: string }[] = []
  for (let n = 0; n < jobs; n += 1) {
    const fault = faultOf(n)
    const prompt = fault ? `Hello there. [fault:${fault.fault}]` : 'Hello there.'
    const taskId = newTaskId()
    await parts.animations.desk.ask({ mediaId, prompt, provider: 'd-id' }, taskId, 'bench')
    asked.push({ taskId, end: fault?.end ?? 'done' })
  }
  const begunAt = performance.now()
  parts.jobs.start()
  while ((await left(parts)) > 0 && performance.now() - begunAt < MOST_SECONDS * 1000)
    await sleep(50)
  const seconds = (performance.now() - begunAt) / 1000
  const rows = await parts.database.query.selectFrom('animations').selectAll().execute()
  const states = new Map(rows.map((row) => [row.task_id, row.state]))
  const wrong = asked.flatMap(({ taskId, end }) => {
    const state = states.get(taskId) ?? 'gone'
    return state === end ? [] : [`${taskId}: ${state}, not ${end}`]
  })
  const tasks = new Set(vendor.jobs.map(({ clientRef }) => clientRef?.replace(/-\d+$/, '')))
  const polls = vendor.counts['GET /talks/{id}'] ?? 0
  return { seconds, wrong, polls, paid: vendor.billed.length, accepted: tasks.size }
}

async function left({ database }: AnimationParts): Promise<number> {
  const { count } = await database.query
    .selectFrom('animations')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('state', 'not in', ['done', 'failed', 'canceled'])
    .executeTakeFirstOrThrow()
  return count
}

async function addPhoto({ library, workFolder }: AnimationParts): Promise<string> {
  const path = join(workFolder, 'upload-bench')
  await sharp({ create: { width: 400, height: 400, channels: 3, background: '#888' } })
    .jpeg()
    .toFile(path)
  const photo = { path, memorialId: null, originalName: null, createdBy: 'bench' }
  const added = await library.addPhoto({ ...photo, origin: 'upload' }, AbortSignal.timeout(10_000))
  if (added.kind === 'bad') throw new Error(added.message)
  return added.item.media_id
}

const nobody: (taskId: string) => Promise<void> = () => Promise.resolve()

/** Takes webhooks and wakes whom they are about, as the product does. */
async function openInbox() {
  const inbox = {
    url: '',
    wake: nobody,
    close: (): void => {
      server.closeAllConnections()
      server.close()
    },
  }
  const server = createServer((request, response) => {
    const taskId = /\/webhooks\/d-id\/(ani_[0-9a-f]+)\./.exec(request.url ?? '')?.[1] ?? ''
    request.resume().once('end', () => {
      response.writeHead(204).end()
      // Told while everything closes; else whoever is not woken asks by the clock, and the time shows it.
      void inbox.wake(taskId).catch(() => undefined)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  inbox.url = `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`
  return inbox
}

async function aVideo(path: string): Promise<Buffer> {
  const args = '-v error -f lavfi -i testsrc=s=128x128:r=25:d=1 -c:v libx264 -pix_fmt yuv420p'
  execFileSync('ffmpeg', [...args.split(' '), path])
  return readFile(path)
}

const mediaOf = ({ apiKey, baseUrl }: DIdSimulator, maxJobs: number) => ({
  dId: {
    ...{ apiKey, baseUrl, maxJobs },
    voiceId: 'en-US-JennyNeural',
    deadlineMs: 600_000,
    webhookUrl: undefined,
  },
  heyGen: undefined,
  defaultProvider: 'd-id' as const,
  maxUploadBytes: 50 * 1024 * 1024,
  maxAnimationsADay: 100_000,
  resultHosts: [],
})

const judgedByBytes = (good: Buffer): VideoTools => ({
  isInstalled: () => Promise.resolve(true),
  async check(path) {
    if (!(await readFile(path)).equals(good))
      return { kind: 'bad', fault: { kind: 'damaged', message: 'It is another file.' } }
    return { kind: 'good', facts: { ...FACTS, bytes: good.length } }
  },
  preview: (_path, target) => writeFile(target, 'a picture'),
  transcode: () => Promise.reject(new Error('nobody asks for it')),
  close: () => Promise.resolve(),
})

const FACTS = {
  container: 'mp4',
  durationMs: 1000,
  videoCodec: 'h264',
  pixelFormat: 'yuv420p',
  audioCodec: null,
  width: 128,
  height: 128,
  rotationDegrees: 0,
  framesPerSecond: 25,
  bitsPerSecond: null,
  isWebSafe: true,
} as const
