// A client of the simulated D-ID that shares no code with the product's.
import type { Test } from 'tap'
import { startDId, type DIdOptions, type DIdSimulator } from '../../../simulators/d-id/index.ts'
import { photo, SOME_VIDEO } from '../animation-studio/samples.ts'

/** Whatever the JSON is: assertions look at it. */
export type Body = ReturnType<typeof JSON.parse>

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Body
}

export interface DIdClient {
  readonly did: DIdSimulator
  readonly ask: (method: string, path: string, body?: unknown, headers?: object) => Promise<Answer>
  readonly upload: (
    path: string,
    field: string,
    file: Blob,
    more?: UploadOptions,
  ) => Promise<Answer>
  /** The s3 address of a photo. */
  readonly sourceUrl: () => Promise<string>
  /** POST /talks with a photo and this text. */
  readonly submit: (text: string, more?: object) => Promise<Answer>
  /** Submitted, and over. */
  readonly talk: (text: string, more?: object) => Promise<string>
}

interface UploadOptions {
  readonly name?: string
  readonly fields?: Readonly<Record<string, string>>
}

/** Without ffmpeg, unless `video` is told to be made. */
export async function openDId(
  t: Pick<Test, 'teardown'>,
  options: DIdOptions & { readonly isReal?: boolean } = {},
): Promise<DIdClient> {
  const did = await startDId(options.isReal === true ? options : { video: SOME_VIDEO, ...options })
  t.teardown(() => did.close())
  const authorization = `Basic ${did.apiKey}`
  const answerOf = async (response: Response): Promise<Answer> => {
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true
    return {
      status: response.status,
      headers: response.headers,
      body: isJson ? JSON.parse(text) : text,
    }
  }
  const ask: DIdClient['ask'] = async (method, path, body, headers = {}) =>
    answerOf(
      await fetch(`${did.baseUrl}${path}`, {
        method,
        headers: { authorization, 'content-type': 'application/json', ...headers },
        body: body === undefined ? null : JSON.stringify(body),
      }),
    )
  const upload: DIdClient['upload'] = async (path, field, file, { name, fields = {} } = {}) => {
    const form = new FormData()
    for (const [key, value] of Object.entries(fields)) form.set(key, value)
    form.set(field, file, name ?? 'photo.jpg')
    const init = { method: 'POST', headers: { authorization }, body: form }
    return answerOf(await fetch(`${did.baseUrl}${path}`, init))
  }
  let url: string | undefined
  const sourceUrl = async (): Promise<string> => {
    const file = new Blob([new Uint8Array(await photo())], { type: 'image/jpeg' })
    return (url ??= (await upload('/images', 'image', file)).body.url as string)
  }
  const submit: DIdClient['submit'] = async (input, more = {}) =>
    ask('POST', '/talks', {
      source_url: await sourceUrl(),
      script: {
        type: 'text',
        input,
        provider: { type: 'microsoft', voice_id: 'en-US-JennyNeural' },
      },
      ...more,
    })
  const talk: DIdClient['talk'] = async (text, more) => {
    const { id } = (await submit(text, more)).body as { id: string }
    await did.waitForEnd(id)
    return id
  }
  return { did, ask, upload, sourceUrl, submit, talk }
}
