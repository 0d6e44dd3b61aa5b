// The media part of the API as a test wants it, in place of the server's: every state at once, without waiting for any.
import type { BrowserContext, Request, Route } from 'playwright-core'
import sharp from 'sharp'
import type {
  Animation,
  AnimationStep,
  Media,
  Provider,
  Providers,
} from '../../../control-api/console/pages/media/shapes.ts'

const AT = '2026-11-20T10:00:00.000Z'

export const aProvider = (more: Partial<Provider> = {}): Provider => ({
  provider: 'd-id',
  is_configured: true,
  is_default: true,
  is_simulated: false,
  max_jobs: 2,
  active_jobs: 1,
  default_voice_id: 'en-US-JennyNeural',
  limits: { min_prompt_chars: 3, max_prompt_chars: 200 },
  ...more,
})

export function aPhoto(id: string, more: Partial<Media> = {}): Media {
  const url = `/api/v1/media/${id}/content`
  return {
    media_id: id,
    memorial_id: 'default',
    kind: 'photo',
    origin: 'upload',
    task_id: null,
    name: `${id}.jpg`,
    content_type: 'image/jpeg',
    bytes: 123_456,
    sha256: 'ab'.repeat(32),
    width: 800,
    height: 600,
    duration_seconds: null,
    metadata: { source: { format: 'png', width: 3200, height: 2400 } },
    url,
    preview_url: `/api/v1/media/${id}/preview`,
    web_url: null,
    is_web_safe: true,
    transcode: null,
    created_by: 'rehearsal',
    created_at: AT,
    ...more,
  }
}

export const aVideo = (id: string, more: Partial<Media> = {}): Media =>
  aPhoto(id, {
    kind: 'video',
    name: `${id}.avi`,
    content_type: 'video/x-msvideo',
    duration_seconds: 3.2,
    metadata: {
      container: 'avi',
      video_codec: 'mpeg4',
      audio_codec: null,
      frames_per_second: 25,
      bits_per_second: 812_000,
      rotation_degrees: 90,
    },
    is_web_safe: false,
    ...more,
  })

export function anAnimation(id: string, more: Partial<Animation> = {}): Animation {
  return {
    task_id: id,
    provider: 'd-id',
    status: 'processing',
    state: 'processing',
    media_id: 'med_1',
    memorial_id: 'default',
    prompt: `Words of ${id}`,
    voice_id: null,
    speech: 'provider',
    submissions: 1,
    provider_job_id: 'tlk_1',
    provider_status: 'started',
    result_media_id: null,
    video_url: null,
    preview_url: null,
    error: null,
    may_retry: false,
    may_cancel: true,
    deadline_at: '2026-11-20T10:10:00.000Z',
    created_by: 'rehearsal',
    created_at: AT,
    submitted_at: AT,
    finished_at: null,
    updated_at: AT,
    ...more,
  }
}

export interface MediaWorld {
  providers: Providers
  media: readonly Media[]
  animations: readonly Animation[]
  steps: readonly AnimationStep[]
  /** Answers what has no answer of its own here. */
  answer?: (request: Request, path: string) => Answered | undefined
  /** `POST /path` of all that acted, in order. */
  readonly acted: string[]
  /** Idempotency keys of what was asked. */
  readonly keys: string[]
}

export interface Answered {
  readonly status: number
  readonly body?: object
}

const HEYGEN = aProvider({
  provider: 'heygen',
  is_default: false,
  is_simulated: true,
  max_jobs: 10,
  active_jobs: 10,
  default_voice_id: null,
})

/** Nothing in it, and both providers set up. */
export const newWorld = (more: Partial<MediaWorld> = {}): MediaWorld => ({
  providers: {
    items: [aProvider(), HEYGEN],
    can_speak_by_elevenlabs: true,
    video_tools: true,
    max_upload_bytes: 5_000_000,
  },
  media: [],
  animations: [],
  steps: [],
  acted: [],
  keys: [],
  ...more,
})

const FAILED = anAnimation('ani_failed', {
  state: 'failed',
  status: 'failed',
  error: { kind: 'credits', code: 'InsufficientCreditsError', message: 'not enough credits' },
  may_cancel: false,
  may_retry: true,
  finished_at: '2026-11-20T10:05:00.000Z',
})
const DONE = anAnimation('ani_done', {
  state: 'done',
  status: 'done',
  provider: 'heygen',
  result_media_id: 'med_3',
  may_cancel: false,
  finished_at: '2026-11-20T10:05:00.000Z',
})
/** One of everything. */
export const FULL = {
  media: [
    aPhoto('med_1'),
    aVideo('med_2'),
    aVideo('med_3', { origin: 'animation', task_id: 'ani_done', is_web_safe: true }),
    aVideo('med_4', { transcode: { state: 'running', progress: 0.4, error: null } }),
    aPhoto('med_5', { preview_url: null, name: null }),
  ],
  animations: [
    anAnimation('ani_1'),
    anAnimation('ani_queued', { state: 'queued', status: 'pending', media_id: null }),
    FAILED,
    DONE,
  ],
  steps: [
    { position: 1, at: '2026-11-20T10:00:00.000Z', step: 'queued', detail: {} },
    {
      position: 2,
      at: '2026-11-20T10:00:01.000Z',
      step: 'submitting.intended',
      detail: { submission: 1 },
    },
  ],
}

/** From now on, for every tab of the context. */
export async function mockMedia(context: BrowserContext, world: MediaWorld): Promise<void> {
  const picture = await sharp({
    create: { width: 320, height: 240, channels: 3, background: '#7a8fa6' },
  })
    .jpeg()
    .toBuffer()
  await context.route('**/api/v1/**', async (route) => {
    const request = route.request()
    const url = new URL(request.url())
    const path = url.pathname.replace('/api/v1', '')
    if (/\/(?:preview|content|web)$/.test(path))
      return route.fulfill({ contentType: 'image/jpeg', body: picture })
    const own = world.answer?.(request, path)
    if (request.method() === 'GET') return fulfill(route, own ?? read(world, url, path))
    world.acted.push(`${request.method()} ${path}`)
    return fulfill(route, own ?? { status: request.method() === 'DELETE' ? 204 : 200, body: {} })
  })
}

function fulfill(route: Route, { status, body }: Answered): Promise<void> {
  const isProblem = status >= 400
  return route.fulfill({
    status,
    contentType: isProblem ? 'application/problem+json' : 'application/json',
    ...(body === undefined || status === 204 ? {} : { body: JSON.stringify(body) }),
  })
}

function read(world: MediaWorld, url: URL, path: string): Answered {
  const asked = (name: string): string | null => url.searchParams.get(name)
  const page = (items: readonly object[]): Answered => ({
    status: 200,
    body: { items, next_cursor: null },
  })
  if (path === '/ai/providers') return { status: 200, body: world.providers }
  if (path.endsWith('/balance')) return { status: 200, body: { remaining: 41.5, unit: 'credits' } }
  if (path === '/media')
    return page(
      world.media.filter(
        ({ kind, memorial_id: memorial }) =>
          (asked('kind') ?? kind) === kind && (asked('memorial_id') ?? memorial) === memorial,
      ),
    )
  if (path === '/ai/animations')
    return page(world.animations.filter(({ status }) => (asked('status') ?? status) === status))
  const id = path.split('/').at(-1)
  const item = world.media.find(({ media_id: one }) => one === id)
  if (item !== undefined) return { status: 200, body: item }
  const animation = world.animations.find(({ task_id: one }) => one === id)
  if (animation !== undefined) return { status: 200, body: { ...animation, steps: world.steps } }
  return { status: 404, body: problem('NOT_FOUND', 'There is no such thing.') }
}

export const problem = (code: string, detail: string, more: object = {}): object => ({
  type: 'about:blank',
  title: code,
  status: 400,
  detail,
  code,
  what_to_do: 'Do it otherwise.',
  ...more,
})
