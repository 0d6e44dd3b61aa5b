// Animations with all that is behind them but HTTP: a database, the queue, the library, ffmpeg, and the simulated providers.
import { execFileSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import sharp from 'sharp'
import type { Test } from 'tap'
import type { AnimationRow } from '../../../../control-api/media-jobs/animation/animation-row.ts'
import type { AnimationsOptions } from '../../../../control-api/media-jobs/animation/open-animations.ts'
import type { AskedAnimation } from '../../../../control-api/media-jobs/animation/ask-rules.ts'
import type { MediaTiming } from '../../../../control-api/media-jobs/media-timing.ts'
import { newTaskId } from '../../../../control-api/media-jobs/media-keys.ts'
import type { VideoTools } from '../../../../control-api/media-jobs/video/video-tools.ts'
import type { MediaConfig } from '../../../../core/config/index.ts'
import { createLogger } from '../../../../core/telemetry/index.ts'
import { startDId, type DIdOptions, type DIdSimulator } from '../../../../simulators/d-id/index.ts'
import {
  startHeyGen,
  type HeyGenOptions,
  type HeyGenSimulator,
} from '../../../../simulators/heygen/index.ts'
import { openAnimationParts } from '../../../support/animation-parts.ts'
import { FACTS } from './rows.ts'

export interface StandOptions {
  readonly dId?: DIdOptions
  readonly heyGen?: HeyGenOptions
  readonly timing?: Partial<MediaTiming>
  readonly deadlineMs?: number
  readonly maxJobs?: number
  readonly maxAnimationsADay?: number
  /** Of webhooks. */
  readonly webhookAllowHosts?: readonly string[]
  readonly speech?: AnimationsOptions['speech']
  /** Of our own requests to submit. */
  readonly submitMs?: number
  /** Default: only the one video that the providers send is good. */
  readonly tools?: 'ffmpeg'
  /** Jobs are not begun until `start`. */
  readonly isHeld?: boolean
  readonly unconfigured?: readonly ('d-id' | 'heygen')[]
}

export type Stand = Awaited<ReturnType<typeof buildStand>>

export interface Vendors {
  readonly dId: DIdSimulator
  readonly heyGen: HeyGenSimulator
}

let video: Buffer | undefined

/** One second, H.264. */
export async function aVideo(): Promise<Buffer> {
  if (video) return video
  const folder = await mkdtemp(join(tmpdir(), 'animation-video-'))
  const path = join(folder, 'v.mp4')
  const args = '-v error -f lavfi -i testsrc=s=128x128:r=25:d=1 -c:v libx264 -pix_fmt yuv420p'
  execFileSync('ffmpeg', [...args.split(' '), '-movflags', '+faststart', path])
  video = await readFile(path)
  await rm(folder, { recursive: true })
  return video
}

export async function startVendors(t: Test, { dId, heyGen }: StandOptions): Promise<Vendors> {
  const shared = { video: await aVideo(), concurrency: 50 }
  const vendors = {
    dId: await startDId({ ...shared, ...dId }),
    heyGen: await startHeyGen({ ...shared, ...heyGen }),
  }
  t.teardown(async () => {
    await vendors.dId.close()
    await vendors.heyGen.close()
  })
  return vendors
}

export function mediaConfigOf(
  { dId, heyGen }: Vendors,
  {
    deadlineMs = 60_000,
    maxJobs = 4,
    unconfigured = [],
    maxAnimationsADay = 100_000,
  }: StandOptions,
): MediaConfig {
  const shared = { deadlineMs, maxJobs }
  const isThere = (name: 'd-id' | 'heygen'): boolean => !unconfigured.includes(name)
  return {
    dId: isThere('d-id')
      ? { ...shared, ...addressOf(dId), voiceId: 'en-US-JennyNeural', webhookUrl: undefined }
      : undefined,
    heyGen: isThere('heygen')
      ? { ...shared, ...addressOf(heyGen), voiceId: 'voice_1', webhookSecret: undefined }
      : undefined,
    defaultProvider: 'd-id',
    maxUploadBytes: 5 * 1024 * 1024,
    maxAnimationsADay,
    resultHosts: [],
  }
}

const addressOf = ({ apiKey, baseUrl }: Pick<DIdSimulator, 'apiKey' | 'baseUrl'>) => ({
  apiKey,
  baseUrl,
})

export async function buildStand(
  t: Test,
  options: StandOptions = {},
  earlier?: { readonly vendors: Vendors; readonly dataDir: string },
) {
  const vendors = earlier?.vendors ?? (await startVendors(t, options))
  const dataDir = earlier?.dataDir ?? (await mkdtemp(join(tmpdir(), 'animation-')))
  if (!earlier) t.teardown(() => rm(dataDir, { recursive: true, force: true }))
  let logged = ''
  const keeping = new Writable({
    write(chunk: Buffer, _encoding, done) {
      logged += chunk.toString()
      done()
    },
  })
  const logger = createLogger('debug', keeping)
  const parts = await openAnimationParts({
    ...options,
    dataDir,
    logger,
    media: mediaConfigOf(vendors, options),
    video: options.tools === 'ffmpeg' ? undefined : judgedByBytes(await aVideo()),
  })
  const { database, library, animations, jobs, workFolder } = parts
  const announced: { type: string; data: Readonly<Record<string, unknown>> }[] = []
  parts.announcements.subscribe(({ type, data }) => announced.push({ type, data }))
  t.teardown(() => parts.close())
  if (options.isHeld !== true) jobs.start()
  const find = (taskId: string): Promise<AnimationRow | undefined> =>
    database.query
      .selectFrom('animations')
      .selectAll()
      .where('task_id', '=', taskId)
      .executeTakeFirst()
  return {
    ...parts,
    vendors,
    dataDir,
    announced,
    find,
    logged: () => logged,
    /** A photo that is here. */
    async photo(): Promise<string> {
      const path = join(workFolder, `upload-${newTaskId()}`)
      await sharp({ create: { width: 400, height: 400, channels: 3, background: '#888' } })
        .jpeg()
        .toFile(path)
      const added = await library.addPhoto(
        { path, memorialId: 'mem-1', origin: 'upload', originalName: 'a.jpg', createdBy: 'key_1' },
        AbortSignal.timeout(10_000),
      )
      if (added.kind === 'bad') throw new Error(added.message)
      return added.item.media_id
    },
    async ask(asked: Partial<AskedAnimation> = {}): Promise<string> {
      const taskId = newTaskId()
      const mediaId = asked.imageUrl === undefined ? await this.photo() : undefined
      await animations.desk.ask({ mediaId, prompt: 'Hello there.', ...asked }, taskId, 'key_1')
      return taskId
    },
    /** @throws when it does not come to that */
    async until(
      taskId: string,
      is: (row: AnimationRow) => boolean,
      timeoutMs = 20_000,
    ): Promise<AnimationRow> {
      const deadline = performance.now() + timeoutMs
      for (;;) {
        const row = await find(taskId)
        if (row && is(row)) return row
        if (performance.now() > deadline)
          throw new Error(`it did not come to that: ${JSON.stringify(row)}`)
        await sleep(15)
      }
    },
    steps: async (taskId: string): Promise<string[]> => {
      const rows = await database.query
        .selectFrom('animation_steps')
        .selectAll()
        .where('task_id', '=', taskId)
        .orderBy('position')
        .execute()
      t.strictSame(
        rows.map(({ position }) => position),
        rows.map((_row, at) => at + 1),
        'steps are counted without a gap',
      )
      return rows.map(({ step }) => step)
    },
    /** What lies in the work folder of it. */
    left: async (taskId: string): Promise<string[]> =>
      (await readdir(workFolder)).filter((name) => name.startsWith(taskId)),
    /** Until then its job may be tidying up. */
    settled: async () => {
      for (let tries = 0; tries < 1000; tries += 1) {
        if ((await database.query.selectFrom('jobs').selectAll().execute()).length === 0) return
        await sleep(10)
      }
      throw new Error('its job is not done')
    },
    jobsLeft: async (): Promise<number> =>
      (await database.query.selectFrom('jobs').selectAll().execute()).length,
  }
}

/** Quicker than ffmpeg. */
const judgedByBytes = (good: Buffer): VideoTools => ({
  isInstalled: () => Promise.resolve(true),
  async check(path) {
    const bytes = await readFile(path)
    if (bytes.equals(good)) return { kind: 'good', facts: FACTS }
    const isPage = bytes.subarray(0, 100).includes('<')
    return { kind: 'bad', fault: { kind: isPage ? 'not-a-video' : 'damaged', message: 'Bad.' } }
  },
  preview: (_path, target) => writeFile(target, 'a picture'),
  transcode: () => Promise.reject(new Error('nobody asks for it')),
  close: () => Promise.resolve(),
})

export const isOverRow = ({ state }: AnimationRow): boolean =>
  ['done', 'failed', 'canceled'].includes(state)
