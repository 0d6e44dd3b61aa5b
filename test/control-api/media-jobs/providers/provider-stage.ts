// Providers of photos that speak as tests need them: their simulators, our clients to them, and files to send.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import sharp from 'sharp'
import type { Test } from 'tap'
import {
  ProviderFailure,
  type AnimationProvider,
  type SentFile,
  type Submission,
} from '../../../../control-api/media-jobs/providers/animation-provider.ts'
import { createDIdProvider } from '../../../../control-api/media-jobs/providers/d-id/d-id-provider.ts'
import { createHeyGenProvider } from '../../../../control-api/media-jobs/providers/heygen/heygen-provider.ts'
import { createHeyGenRequests } from '../../../../control-api/media-jobs/providers/heygen/heygen-requests.ts'
import type { RequestTiming } from '../../../../control-api/media-jobs/providers/requests/provider-requests.ts'
import { createLogger, createMetrics, type Metrics } from '../../../../core/telemetry/index.ts'
import { createClock } from '../../../../core/time/index.ts'
import { pcmWav } from '../../../support/wav-writing.ts'

/** Long enough for a busy machine. */
export const PATIENT: Partial<RequestTiming> = { readMs: 20_000, submitMs: 20_000 }
/** Of what hangs. */
export const HASTY: Partial<RequestTiming> = { readMs: 1000, submitMs: 1000 }
/** Nobody looks into it: the result of every job, without ffmpeg. */
export const A_VIDEO = Buffer.from('a video')
export const A_TASK = 'ani_0123456789abcdef01234567'
export const SPOKEN = 'Grandmother was born by the sea, a sentence that nobody else may read.'

export interface Client {
  readonly provider: AnimationProvider
  readonly metrics: Metrics
  /** All lines of the log so far. */
  readonly logged: () => string
}

export interface Reached {
  readonly baseUrl: string
  readonly apiKey: string
  readonly timing?: Partial<RequestTiming>
  readonly now?: () => number
}

export function clientOf(
  name: 'd-id' | 'heygen',
  { baseUrl, apiKey, timing = PATIENT, now }: Reached,
): Client {
  const metrics = createMetrics()
  const { logger, logged } = aLogger()
  const real = createClock()
  const clock = now === undefined ? real : { now: now as typeof real.now }
  const deps = { metrics, clock, logger }
  const config = { baseUrl, apiKey, timing }
  const provider =
    name === 'd-id'
      ? createDIdProvider(deps, config)
      : createHeyGenProvider(createHeyGenRequests(deps, config))
  return { provider, metrics, logged }
}

export function aLogger() {
  const lines: string[] = []
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString())
      done()
    },
  })
  return { logger: createLogger('debug', sink), logged: () => lines.join('') }
}

export interface Files {
  readonly folder: string
  readonly photo: SentFile
  readonly speech: SentFile
}

export async function someFiles(t: Test): Promise<Files> {
  const folder = await mkdtemp(join(tmpdir(), 'voicegate-providers-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const [photo, speech] = [join(folder, 'photo.jpg'), join(folder, 'speech.wav')]
  const background = { r: 90, g: 120, b: 60 }
  await sharp({ create: { width: 512, height: 640, channels: 3, background } })
    .jpeg()
    .toFile(photo)
  await writeFile(speech, pcmWav(new Int16Array(8000)))
  return {
    folder,
    photo: { path: photo, contentType: 'image/jpeg' },
    speech: { path: speech, contentType: 'audio/wav' },
  }
}

/** Nobody aborts. */
export const still = (): AbortSignal => new AbortController().signal

export const submissionOf = (
  imageRef: string,
  { clientRef = `${A_TASK}-1`, ...more }: Partial<Submission> = {},
): Submission => ({
  imageRef,
  speech: { kind: 'text', text: SPOKEN, voiceId: 'en-US-JennyNeural' },
  clientRef,
  webhookUrl: undefined,
  ...more,
})

/** What it is thrown, which must be a ProviderFailure. */
export async function failureOf(t: Test, asked: Promise<unknown>): Promise<ProviderFailure> {
  const thrown: unknown = await asked.then(
    (value) => value,
    (error: unknown) => error,
  )
  if (!(thrown instanceof ProviderFailure)) {
    t.fail('it fails by a ProviderFailure', { thrown })
    throw new Error('no ProviderFailure')
  }
  return thrown
}

/** A vendor that answers as told. */
export async function answering(t: Test, listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
