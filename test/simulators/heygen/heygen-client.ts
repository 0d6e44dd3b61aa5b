// A client of the simulated HeyGen that shares no code with the product's.
import type { Test } from 'tap'
import {
  startHeyGen,
  type HeyGenOptions,
  type HeyGenSimulator,
} from '../../../simulators/heygen/index.ts'
import { photo, SOME_VIDEO } from '../animation-studio/samples.ts'

/** Whatever the JSON is: assertions look at it. */
export type Body = ReturnType<typeof JSON.parse>

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Body
}

export interface HeyGenClient {
  readonly heygen: HeyGenSimulator
  readonly ask: (method: string, path: string, body?: unknown, headers?: object) => Promise<Answer>
  readonly upload: (bytes: Buffer, type: string, field?: string) => Promise<Answer>
  /** Asset id of a photo. */
  readonly asset: () => Promise<string>
  readonly submit: (script: string, more?: object, key?: string) => Promise<Answer>
  /** Submitted, and over. */
  readonly video: (script: string, more?: object) => Promise<string>
}

/** Without ffmpeg, unless `isReal`. */
export async function openHeyGen(
  t: Pick<Test, 'teardown'>,
  options: HeyGenOptions & { readonly isReal?: boolean } = {},
): Promise<HeyGenClient> {
  const heygen = await startHeyGen(
    options.isReal === true ? options : { video: SOME_VIDEO, ...options },
  )
  t.teardown(() => heygen.close())
  const key = { 'x-api-key': heygen.apiKey }
  const answerOf = async (response: Response): Promise<Answer> => {
    const { status, headers } = response
    const text = await response.text()
    const isJson = headers.get('content-type')?.startsWith('application/json') === true
    return { status, headers, body: isJson ? JSON.parse(text) : text }
  }
  const ask: HeyGenClient['ask'] = async (method, path, body, headers = {}) =>
    answerOf(
      await fetch(`${heygen.baseUrl}${path}`, {
        method,
        headers: { ...key, 'content-type': 'application/json', ...headers },
        body: body === undefined ? null : JSON.stringify(body),
      }),
    )
  const upload: HeyGenClient['upload'] = async (bytes, type, field = 'file') => {
    const form = new FormData()
    form.set(field, new Blob([new Uint8Array(bytes)], { type }), 'a-file')
    return answerOf(
      await fetch(`${heygen.baseUrl}/v3/assets`, { method: 'POST', headers: key, body: form }),
    )
  }
  let known: string | undefined
  const asset = async (): Promise<string> =>
    (known ??= (await upload(await photo(), 'image/jpeg')).body.data.asset_id as string)
  const submit: HeyGenClient['submit'] = async (script, more = {}, idempotencyKey) =>
    ask(
      'POST',
      '/v3/videos',
      {
        type: 'image',
        image: { type: 'asset_id', asset_id: await asset() },
        script,
        voice_id: 'a-voice',
        ...more,
      },
      idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey },
    )
  const video: HeyGenClient['video'] = async (script, more) => {
    const { video_id: id } = (await submit(script, more)).body.data as { video_id: string }
    await heygen.waitForEnd(id)
    return id
  }
  return { heygen, ask, upload, asset, submit, video }
}
