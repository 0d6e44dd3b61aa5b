// Every operation of media and animations, by the client that was made from our OpenAPI document.
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import sharp from 'sharp'
import type { Test } from 'tap'
import type { MediaConfig } from '../../../core/config/index.ts'
import type { DIdSimulator } from '../../../simulators/d-id/index.ts'
import { eventually } from '../../support/build-app.ts'
import { temporaryFolder } from '../../support/process.ts'
import type { OperationAsker } from '../voximplant/every-operation.ts'

export const mediaBy = ({ apiKey, baseUrl }: DIdSimulator): MediaConfig => ({
  dId: {
    ...{ apiKey, baseUrl, voiceId: 'en-US-JennyNeural', deadlineMs: 60_000, maxJobs: 2 },
    webhookUrl: undefined,
  },
  heyGen: undefined,
  defaultProvider: 'd-id',
  maxUploadBytes: 5_000_000,
  maxAnimationsADay: 100_000,
  resultHosts: [],
})

export async function useMedia(t: Test, asker: OperationAsker): Promise<void> {
  const used: Used = async (id, options = {}, ...statuses) => {
    const { status, data } = await asker.ask(id, options)
    const expected = statuses.length > 0 ? statuses : [200]
    t.ok(expected.includes(status), `${id}: ${status} ${JSON.stringify(data).slice(0, 300)}`)
    return data
  }
  const upload = async (file: Buffer, type: string) => {
    const body = { file: new Blob([new Uint8Array(file)], { type }) }
    const { media_id } = await used('uploadMedia', { path: { id: 'anna' }, body }, 201)
    return { path: { media_id: String(media_id) } }
  }
  await used('listAnimationProviders')
  await used('getAnimationProviderBalance', { path: { provider: 'd-id' } })
  const photo = await upload(await aPhoto(), 'image/jpeg')
  await used('listMedia', { query: { memorial_id: 'anna' } })
  await used('getMedia', photo)
  await used('getMediaContent', photo)
  await used('getMediaPreview', photo)
  const video = await upload(await aVideo(t), 'video/x-msvideo')
  await used('transcodeMedia', video, 202)
  await eventually('the web copy', async () => {
    const { web_url: url } = (await asker.ask('getMedia', video)).data
    return url !== null
  })
  await used('getMediaWeb', video)
  await animate(used, photo.path.media_id)
  await used('deleteMedia', video, 204)
}

/** Expects one of the statuses; 200 when none is named. */
type Used = (
  id: string,
  options?: object,
  ...statuses: readonly number[]
) => Promise<Record<string, unknown>>

async function animate(used: Used, media_id: string): Promise<void> {
  const ask = async (prompt: string) => {
    const body = { media_id, prompt }
    const { task_id } = await used('animatePhoto', { body }, 202)
    return { path: { task_id: String(task_id) } }
  }
  const one = await ask('Hello there.')
  await eventually('the video', async () => {
    return (await used('getAnimationStatus', { body: one.path }))['status'] === 'done'
  })
  await used('getAnimation', one)
  await used('listAnimations')
  const other = await ask('[fault:never-finishes] Hello again.')
  const is = (state: string) =>
    eventually(state, async () => (await used('getAnimation', other))['state'] === state)
  const cancel = async () => {
    await is('processing')
    // It is let go at the provider first; that may be over by the time of the answer (200).
    await used('cancelAnimation', other, 200, 202)
    await is('canceled')
  }
  await cancel()
  await used('retryAnimation', other, 202)
  await cancel()
  await used('deleteAnimation', other, 204)
}

const aPhoto = (): Promise<Buffer> =>
  sharp({ create: { width: 320, height: 320, channels: 3, background: '#a52' } })
    .jpeg()
    .toBuffer()

async function aVideo(t: Test): Promise<Buffer> {
  const file = join(temporaryFolder(t, 'video'), 'one.avi')
  const source = ['-f', 'lavfi', '-i', 'testsrc=size=160x120:rate=10:duration=1']
  await promisify(execFile)('ffmpeg', ['-v', 'error', ...source, '-c:v', 'mpeg4', file])
  return readFile(file)
}
