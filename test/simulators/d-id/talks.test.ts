// The simulated D-ID as it should be: keys, uploads, talks from creation to result, lists, credits.
import t from 'tap'
import { needs } from '../../support/process.ts'
import { bytesOf, colourOf, examine, photo, SOME_VIDEO, wav } from '../animation-studio/samples.ts'
import { openDId } from './did-client.ts'

t.test(
  'a photo and words become a real video of that photo',
  needs('ffmpeg', 'ffmpeg'),
  async (t) => {
    const { did, ask, talk } = await openDId(t, { isReal: true })
    const id = await talk('Hello, my dear ones, it is good to see you.', { user_data: 'task-1' })
    const { status, body } = await ask('GET', `/talks/${id}`)
    t.equal(status, 200)
    t.match(body, { id, status: 'done', user_data: 'task-1', metadata: { num_faces: 1 } })
    const response = await fetch(body.result_url)
    t.equal(response.headers.get('content-type'), 'video/mp4')
    const bytes = await bytesOf(response)
    const video = examine(t, bytes)
    const [red = 0, green = 0, blue = 0] = colourOf(t, bytes)
    const off = [red - 200, green - 120, blue - 40].map(Math.abs)
    t.ok(Math.max(...off) < 12, `the colour of the photo, off by ${off.join(', ')}`)
    t.ok(video.isWhole)
    t.match(video.format.format_name, /mp4/)
    t.ok(Number(video.format.duration) >= 2 && Number(video.format.duration) <= 4.1)
    t.match(video.streams, [
      { codec_type: 'video', codec_name: 'h264', width: 512, height: 512 },
      { codec_type: 'audio', codec_name: 'aac' },
    ])
    t.equal(did.renders, 1)
  },
)

t.test(
  'what is equal is rendered once; a sound that was sent is its sound',
  needs('ffmpeg', 'ffmpeg'),
  async (t) => {
    const { did, ask, upload, sourceUrl, talk } = await openDId(t, { isReal: true })
    for (let n = 0; n < 20; n += 1) await talk('Hello', { user_data: `task-${n}` })
    t.equal(did.renders, 1)
    const sound = new Blob([new Uint8Array(wav(3.5))], { type: 'audio/wav' })
    const audio = await upload('/audios', 'audio', sound, { name: 'speech.wav' })
    t.match(audio, {
      status: 201,
      body: { duration: 3.5, url: /^s3:\/\/d-id-audios-prod\/.*\.wav$/ },
    })
    const source = await sourceUrl()
    const script = { type: 'audio', audio_url: audio.body.url }
    const made = await ask('POST', '/talks', { source_url: source, script })
    await did.waitForEnd(made.body.id)
    const { body } = await ask('GET', `/talks/${made.body.id}`)
    const video = examine(t, await bytesOf(await fetch(body.result_url)))
    t.equal(Math.round(Number(video.format.duration)), 4)
    t.equal(did.renders, 2)
  },
)

t.test('the key: both forms of Basic, Bearer, and none else', async (t) => {
  const cases = [
    ['both', 'raw', 200],
    ['both', 'base64', 200],
    ['raw', 'raw', 200],
    ['raw', 'base64', 401],
    ['base64', 'raw', 401],
    ['base64', 'base64', 200],
  ] as const
  for (const [basicForm, sent, status] of cases) {
    const { did, ask } = await openDId(t, { basicForm })
    const key = sent === 'raw' ? did.apiKey : Buffer.from(did.apiKey).toString('base64')
    const answer = await ask('GET', '/credits', undefined, { authorization: `Basic ${key}` })
    t.equal(answer.status, status, `${basicForm} ${sent}`)
  }
  const { did, ask } = await openDId(t)
  const authorization = `Bearer ${did.apiKey}`
  t.equal((await ask('GET', '/credits', undefined, { authorization })).status, 200)
  for (const wrong of ['', 'Basic x', `Digest ${did.apiKey}`, `Bearer x`])
    t.match(await ask('GET', '/credits', undefined, { authorization: wrong }), {
      status: 401,
      body: { kind: 'AuthorizationError', description: String },
    })
  const gateway = await openDId(t, { unauthorizedShape: 'gateway', takesBearer: false })
  t.match(await gateway.ask('GET', '/credits', undefined, { authorization }), {
    status: 401,
    body: { message: 'Unauthorized' },
  })
  t.notMatch(JSON.stringify(did.requests), did.apiKey, 'no key in the records')
})

t.test('images: faces, types, sizes, names', async (t) => {
  const { upload } = await openDId(t)
  const send = async (bytes: Buffer, type: string, more = {}) =>
    upload('/images', 'image', new Blob([new Uint8Array(bytes)], { type }), more)
  const jpeg = await photo()
  t.match(await send(jpeg, 'image/jpeg'), { status: 201, body: { faces: null, id: /^img_/ } })
  const faced = await send(jpeg, 'image/jpeg', { fields: { detect_faces: 'true' } })
  t.match(faced.body, { url: /^s3:\/\/d-id-images-prod\/img_.*\/photo\.jpg$/, faces: [{}] })
  t.equal((await send(await photo({ format: 'png' }), 'image/png', { name: 'a.png' })).status, 201)
  const refused = [
    [jpeg, 'image/gif', {}, 415, 'UnsupportedMimeTypeError'],
    [Buffer.from('<svg/>'), 'image/jpeg', {}, 415, 'UnsupportedMimeTypeError'],
    [await photo({ width: 159 }), 'image/jpeg', {}, 400, 'InvalidImageResolutionError'],
    [
      Buffer.concat([jpeg, Buffer.alloc(10 * 1024 * 1024)]),
      'image/jpeg',
      {},
      400,
      'InvalidFileSizeError',
    ],
    [jpeg, 'image/jpeg', { name: `${'a'.repeat(47)}.jpg` }, 400, 'BadRequestError'],
    [jpeg, 'image/jpeg', { name: 'фото.jpg' }, 400, 'BadRequestError'],
  ] as const
  for (const [bytes, type, more, status, kind] of refused)
    t.match(await send(bytes, type, more), { status, body: { kind } })
  const wrongField = await upload(
    '/images',
    'photo',
    new Blob([new Uint8Array(jpeg)], { type: 'image/jpeg' }),
  )
  t.match(wrongField, { status: 400, body: { description: '"image" is required' } })
  const large = await send(Buffer.alloc(13 * 1024 * 1024), 'image/jpeg')
  t.match(large, { status: 413, body: { message: String } })
})

t.test('audios: types and sizes', async (t) => {
  const { upload, ask } = await openDId(t)
  const send = async (bytes: Buffer, type = 'audio/wav') =>
    upload('/audios', 'audio', new Blob([new Uint8Array(bytes)], { type }), { name: 'a.wav' })
  t.equal((await send(wav(1))).status, 201)
  t.match(await send(Buffer.from('no sound'), 'audio/wav'), { status: 415 })
  t.match(await send(wav(1), 'text/plain'), { status: 415 })
  t.match(await send(wav(400)), { status: 400, body: { kind: 'InvalidFileSizeError' } })
  t.match(await ask('POST', '/audios', { audio: 'x' }), { status: 415 })
})

t.test('a talk is asked for strictly', async (t) => {
  const { ask, sourceUrl, did } = await openDId(t, { allowHttpLoopback: false })
  const source = await sourceUrl()
  const text = { type: 'text', input: 'Hello there' }
  const good = { source_url: source, script: text }
  t.equal((await ask('POST', '/talks', good)).status, 201)
  t.equal(
    (await ask('POST', '/talks', { ...good, source_url: 'https://a.example/p.PNG?x=1' })).status,
    201,
  )
  const microsoft = { type: 'microsoft', voice_id: 'de-DE-KatjaNeural' }
  t.equal(
    (await ask('POST', '/talks', { ...good, script: { ...text, provider: microsoft } })).status,
    201,
  )
  const wrong: readonly object[] = [
    { script: text },
    { ...good, source_url: 'http://a.example/p.jpg' },
    { ...good, source_url: 'https://a.example/p.webp' },
    { ...good, source_url: `data:image/png;base64,AAAA` },
    { ...good, source_url: 's3://d-id-images-prod/img_unknown/photo.jpg' },
    { source_url: source },
    { ...good, script: { type: 'video' } },
    { ...good, script: { type: 'text', input: 'ab' } },
    { ...good, script: { type: 'text', input: 'a'.repeat(10_001) } },
    { ...good, script: { ...text, provider: { type: 'microsoft' } } },
    { ...good, script: { ...text, provider: { type: 'microsoft', voice_id: 'Jenny' } } },
    { ...good, script: { ...text, provider: { type: 'nobody', voice_id: 'x' } } },
    { ...good, script: { type: 'audio', audio_url: 'https://a.example/a.ogg' } },
    { ...good, script: { type: 'audio', audio_url: 's3://d-id-audios-prod/aud_unknown/a.wav' } },
    { ...good, user_data: '  ' },
    { ...good, user_data: 'a'.repeat(1001) },
    { ...good, user_data: 5 },
    { ...good, webhook: 'http://a.example/x' },
    { ...good, webhook: 'http://127.0.0.1:1/x' },
    { ...good, config: { result_format: 'avi' } },
    { ...good, config: { pad_audio: 61 } },
    { ...good, sourceUrl: source },
  ]
  for (const body of wrong)
    t.match(
      await ask('POST', '/talks', body),
      { status: 400, body: { kind: 'BadRequestError' } },
      JSON.stringify(body).slice(0, 90),
    )
  t.match(await ask('POST', '/talks', 'text'), { status: 400 })
  t.equal(did.billed.length, 3, 'nobody pays for what was refused')
  t.equal(did.submissions.filter(({ jobId }) => jobId === null).length, wrong.length + 1)
})

t.test('a photo with too many pixels is taken, and refused as a talk', async (t) => {
  const { upload, ask } = await openDId(t)
  const bytes = await photo({ width: 4000, height: 3000 })
  const image = await upload(
    '/images',
    'image',
    new Blob([new Uint8Array(bytes)], { type: 'image/jpeg' }),
  )
  t.equal(image.status, 201)
  const script = { type: 'text', input: 'Hello there' }
  t.match(await ask('POST', '/talks', { source_url: image.body.url, script }), {
    status: 400,
    body: { kind: 'InvalidFileSizeError' },
  })
})

t.test('beyond its concurrency talks wait as created; each is started, then done', async (t) => {
  const busy = await openDId(t, { concurrency: 2, renderMs: 600_000 })
  const statusOf = async (id: string): Promise<string> =>
    (await busy.ask('GET', `/talks/${id}`)).body.status as string
  const ids: string[] = []
  for (const n of [1, 2, 3]) ids.push((await busy.submit(`Hello ${n}`)).body.id)
  t.same(await Promise.all(ids.map(statusOf)), ['started', 'started', 'created'])
  t.equal((await busy.ask('DELETE', `/talks/${ids[2]}`)).status, 200, 'one that waits may go')
  const one = await openDId(t, { concurrency: 1 })
  const talks = await Promise.all([1, 2, 3].map((n) => one.talk(`Hello ${n}`)))
  for (const id of talks) t.match((await one.ask('GET', `/talks/${id}`)).body, { status: 'done' })
})

t.test('lists: the newest first, page by page, with user_data or without', async (t) => {
  const { ask, talk } = await openDId(t)
  const ids: string[] = []
  for (let n = 0; n < 5; n += 1)
    ids.unshift(await talk('Hello', { user_data: `ref-${n}`, name: `n${n}` }))
  const first = await ask('GET', '/talks?limit=2')
  t.same(
    first.body.talks.map(({ id }: { id: string }) => id),
    ids.slice(0, 2),
  )
  t.match(first.body.talks[0], { user_data: 'ref-4', name: 'n4', status: 'done' })
  const second = await ask('GET', `/talks?limit=2&token=${first.body.token}`)
  t.same(
    second.body.talks.map(({ id }: { id: string }) => id),
    ids.slice(2, 4),
  )
  const last = await ask('GET', `/talks?limit=2&token=${second.body.token}`)
  t.same(last.body, { talks: [last.body.talks[0]] }, 'no token on the last page')
  t.equal((await ask('GET', '/talks?limit=0')).status, 400)
  const silent = await openDId(t, { listsUserData: false })
  await silent.talk('Hello', { user_data: 'ref-1' })
  const listed = await silent.ask('GET', '/talks')
  t.equal(listed.body.talks.length, 1)
  t.notOk('user_data' in listed.body.talks[0])
})

t.test('a talk is deleted, but not while it is rendered', async (t) => {
  const { did, ask, submit } = await openDId(t, { renderMs: 60_000 })
  const { id } = (await submit('Hello')).body
  t.match(await ask('DELETE', `/talks/${id}`), { status: 409, body: { kind: 'ConflictError' } })
  const other = await openDId(t)
  const done = await other.talk('Hello')
  t.equal((await other.ask('DELETE', `/talks/${done}`)).status, 200)
  t.equal((await other.ask('DELETE', `/talks/${done}`)).status, 404)
  t.match(await other.ask('GET', `/talks/${done}`), {
    status: 404,
    body: { kind: 'NotFoundError' },
  })
  t.equal(did.jobs[0]?.state, 'running')
})

t.test(
  'result links: ranges, HEAD, none for whoever alters one, a fresh one when it has expired',
  async (t) => {
    const { did, ask, talk } = await openDId(t)
    const id = await talk('Hello')
    const link = async (): Promise<string> =>
      (await ask('GET', `/talks/${id}`)).body.result_url as string
    const url = await link()
    const whole = await bytesOf(await fetch(url))
    t.ok(whole.equals(SOME_VIDEO))
    const head = await fetch(url, { method: 'HEAD' })
    t.equal(head.headers.get('content-length'), String(SOME_VIDEO.length))
    const part = await fetch(url, { headers: { range: 'bytes=10-19' } })
    t.equal(part.status, 206)
    t.equal(part.headers.get('content-range'), `bytes 10-19/${SOME_VIDEO.length}`)
    t.ok((await bytesOf(part)).equals(SOME_VIDEO.subarray(10, 20)))
    t.equal((await fetch(url, { headers: { range: 'bytes=99999999-' } })).status, 416)
    for (const altered of [
      `${url}&x=1`,
      url.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')),
      url.replace('Expires=', 'Expires=9'),
      url.split('?')[0]!,
    ])
      t.equal((await fetch(altered)).status, 403, altered.slice(-30))
    did.expireLinks()
    t.equal((await fetch(url)).status, 403)
    t.equal((await fetch(await link())).status, 200)
    let now = Date.now()
    const timed = await openDId(t, { now: () => now, linkTtlMs: 1000 })
    const old = (await timed.ask('GET', `/talks/${await timed.talk('Hello')}`)).body.result_url
    t.equal((await fetch(old)).status, 200)
    now += 1001
    t.equal((await fetch(old)).status, 403)
  },
)

t.test('uploads are kept for a while, credits are spent, voices are told', async (t) => {
  let now = Date.now()
  const { did, ask, submit, sourceUrl } = await openDId(t, {
    now: () => now,
    uploadsKeptMs: 1000,
    credits: 2,
  })
  await sourceUrl()
  t.equal((await submit('Hello')).status, 201)
  t.match((await ask('GET', '/credits')).body, {
    remaining: 1,
    total: 2,
    credits: [{ remaining: 1 }],
  })
  t.equal((await submit('Hello')).status, 201)
  t.match(await submit('Hello'), { status: 402, body: { kind: 'InsufficientCreditsError' } })
  did.credits = 5
  now += 1001
  t.match(await submit('Hello'), { status: 400 }, 'the photo has gone')
  t.equal(did.billed.length, 2)
  t.match((await ask('GET', '/tts/voices')).body, [
    { id: 'en-US-JennyNeural', provider: 'microsoft' },
  ])
  t.match(await ask('GET', '/clips'), { status: 404 })
  t.equal(did.counts['POST /talks'], 4)
})
