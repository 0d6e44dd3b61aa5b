// The simulated HeyGen as it should be: keys, assets, videos from creation to result, lists, the account.
import t from 'tap'
import { needs } from '../../support/process.ts'
import { bytesOf, examine, photo, SOME_VIDEO, wav } from '../animation-studio/samples.ts'
import { openHeyGen } from './heygen-client.ts'

t.test('a photo and a script become a real video', needs('ffmpeg', 'ffmpeg'), async (t) => {
  const { heygen, ask, video } = await openHeyGen(t, { isReal: true })
  const id = await video('Hello, my dear ones.', { title: 'Grandmother', aspect_ratio: '9:16' })
  const { body } = await ask('GET', `/v3/videos/${id}`)
  t.match(body, {
    data: { id, title: 'Grandmother', status: 'completed', completed_at: Number, duration: 2 },
  })
  const found = examine(t, await bytesOf(await fetch(body.data.video_url)))
  t.ok(found.isWhole)
  t.match(found.streams, [{ codec_name: 'h264', width: 360, height: 640 }, { codec_name: 'aac' }])
  t.equal(heygen.renders, 1)
})

t.test('a sound that was sent is its sound', needs('ffmpeg', 'ffmpeg'), async (t) => {
  const { heygen, ask, upload, asset } = await openHeyGen(t, { isReal: true })
  const sound = await upload(wav(2.4), 'audio/wav')
  t.match(sound.body.data, { mime_type: 'audio/wav', size_bytes: wav(2.4).length })
  const image = { type: 'asset_id', asset_id: await asset() }
  const asked = { type: 'image', image, audio_asset_id: sound.body.data.asset_id }
  const made = await ask('POST', '/v3/videos', asked)
  await heygen.waitForEnd(made.body.data.video_id)
  const { body } = await ask('GET', `/v3/videos/${made.body.data.video_id}`)
  const found = examine(t, await bytesOf(await fetch(body.data.video_url)))
  t.equal(Math.round(Number(found.format.duration)), 3)
})

t.test('the key: X-Api-Key or Bearer; v1 and v2 are retired', async (t) => {
  const { heygen, ask } = await openHeyGen(t)
  const none = { 'x-api-key': 'x' }
  t.match(await ask('GET', '/v3/users/me', undefined, none), {
    status: 401,
    body: { error: { code: 'unauthorized', message: String } },
  })
  const bearer = { ...none, authorization: `Bearer ${heygen.apiKey}` }
  t.equal((await ask('GET', '/v3/users/me', undefined, bearer)).status, 200)
  for (const path of ['/v2/video/generate', '/v1/video_status.get?video_id=1'])
    t.equal((await ask('POST', path, {})).status, 410)
  t.match(await ask('GET', '/v3/nothing'), { status: 404, body: { error: { code: 'not_found' } } })
  t.notMatch(JSON.stringify(heygen.requests), heygen.apiKey, 'no key in the records')
})

t.test('assets: types by content, sizes', async (t) => {
  const { upload, heygen } = await openHeyGen(t)
  t.match(await upload(await photo({ format: 'png' }), 'image/png'), {
    status: 200,
    body: { data: { asset_id: /^[0-9a-f]{32}$/, mime_type: 'image/png', url: String } },
  })
  const jpeg = await photo()
  for (const [bytes, type, field] of [
    [jpeg, 'image/png', 'file'],
    [Buffer.from('GIF89a'), 'image/gif', 'file'],
    [jpeg, 'image/jpeg', 'image'],
    [Buffer.alloc(0), 'image/jpeg', 'file'],
  ] as const)
    t.match(await upload(bytes, type, field), {
      status: 400,
      body: { error: { code: 'invalid_parameter', param: 'file' } },
    })
  const large = Buffer.concat([jpeg, Buffer.alloc(32 * 1024 * 1024)])
  t.match(await upload(large, 'image/jpeg'), {
    status: 413,
    body: { error: { code: 'payload_too_large' } },
  })
  t.match(await upload(Buffer.alloc(34 * 1024 * 1024), 'image/jpeg'), { status: 413 })
  t.equal(heygen.uploads, 1)
})

t.test('a video is asked for strictly', async (t) => {
  const { heygen, ask, asset, upload } = await openHeyGen(t, { allowHttpLoopback: false })
  const image = { type: 'asset_id', asset_id: await asset() }
  const good = { type: 'image', image, script: 'Hello', voice_id: 'v' }
  t.match(await ask('POST', '/v3/videos', good), {
    status: 200,
    body: { data: { video_id: String, status: 'waiting', output_format: 'mp4' } },
  })
  const inline = {
    type: 'base64',
    media_type: 'image/jpeg',
    data: (await photo()).toString('base64'),
  }
  t.equal((await ask('POST', '/v3/videos', { ...good, image: inline })).status, 200)
  const link = { type: 'url', url: 'https://a.example/p.jpg' }
  t.equal((await ask('POST', '/v3/videos', { ...good, image: link })).status, 200)
  const sound = (await upload(wav(1), 'audio/wav')).body.data.asset_id
  const large = (await upload(await photo({ width: 2049 }), 'image/jpeg')).body.data.asset_id
  const { script, voice_id: voice, ...bare } = good
  const wrong: readonly (readonly [object, string])[] = [
    [{ ...good, type: 'avatar' }, 'type'],
    [{ ...good, image: undefined }, 'image'],
    [{ ...good, image: { type: 'url', url: 'http://a.example/p.jpg' } }, 'image'],
    [{ ...good, image: { ...inline, media_type: 'image/png' } }, 'image'],
    [{ ...good, image: { type: 'asset_id', asset_id: sound } }, 'image'],
    [{ ...good, image: { type: 'asset_id', asset_id: large } }, 'image'],
    [bare, 'script'],
    [{ ...bare, script }, 'voice_id'],
    [{ ...good, script: 'a'.repeat(5001) }, 'script'],
    [{ ...good, audio_asset_id: sound }, 'script'],
    [{ ...bare, audio_url: 'http://a.example/a.mp3' }, 'audio_url'],
    [{ ...bare, audio_asset_id: image.asset_id }, 'audio_asset_id'],
    [{ ...good, resolution: '480p' }, 'resolution'],
    [{ ...good, aspect_ratio: '4:3' }, 'aspect_ratio'],
    [{ ...good, callback_url: 'http://127.0.0.1:1/x' }, 'callback_url'],
    [{ ...good, voiceId: voice }, 'voiceId'],
  ]
  for (const [body, param] of wrong)
    t.match(await ask('POST', '/v3/videos', body), {
      status: 400,
      body: { error: { code: 'invalid_parameter', param } },
    })
  const unknown = { ...good, image: { type: 'asset_id', asset_id: 'unknown' } }
  t.match(await ask('POST', '/v3/videos', unknown), { status: 404 })
  t.equal(heygen.billed.length, 3, 'nobody pays for what was refused')
})

t.test('waiting, processing, completed; eleven at a time are one too many', async (t) => {
  const { ask, submit } = await openHeyGen(t, { renderMs: 600_000 })
  const ids: string[] = []
  for (let n = 0; n < 10; n += 1) ids.push((await submit('Hello')).body.data.video_id)
  t.match((await ask('GET', `/v3/videos/${ids[0]}`)).body.data, {
    status: 'processing',
    video_url: null,
    failure_code: null,
  })
  const refused = await submit('Hello')
  t.match(refused, { status: 429, body: { error: { code: 'rate_limit_exceeded' } } })
  t.equal(refused.headers.get('retry-after'), '1')
  t.match(await ask('DELETE', `/v3/videos/${ids[0]}`), { body: { data: { deleted: true } } })
  t.equal((await submit('Hello')).status, 200)
  t.equal((await ask('GET', `/v3/videos/${ids[0]}`)).status, 404)
})

t.test('lists and statuses', async (t) => {
  const { ask, video } = await openHeyGen(t)
  const ids: string[] = []
  for (let n = 0; n < 5; n += 1) ids.unshift(await video('Hello', { title: `t${n}` }))
  const idsOf = ({ body }: { body: { data: { id: string }[] } }) => body.data.map(({ id }) => id)
  const first = await ask('GET', '/v3/videos?limit=3')
  t.same(idsOf(first), ids.slice(0, 3))
  t.match(first.body, { has_more: true, next_token: String })
  const second = await ask('GET', `/v3/videos?limit=3&token=${first.body.next_token}`)
  t.same(idsOf(second), ids.slice(3))
  t.match(second.body, { has_more: false, next_token: null })
  t.same(idsOf(await ask('GET', '/v3/videos?title=t3')), [ids[1]])
  t.match((await ask('GET', `/v3/videos/statuses?video_ids=${ids[0]},nobody`)).body.data, [
    { video_id: ids[0], status: 'completed' },
    { video_id: 'nobody', status: 'not_found' },
  ])
  t.equal((await ask('GET', '/v3/videos/statuses')).status, 400)
  t.equal((await ask('GET', '/v3/videos?limit=101')).status, 400)
})

t.test('result links: fresh ones, none when it has expired', async (t) => {
  const { heygen, ask, video } = await openHeyGen(t)
  const id = await video('Hello')
  const link = async (): Promise<string> =>
    (await ask('GET', `/v3/videos/${id}`)).body.data.video_url as string
  const url = await link()
  t.ok((await bytesOf(await fetch(url))).equals(SOME_VIDEO))
  heygen.expireLinks()
  t.equal((await fetch(url)).status, 403)
  t.equal((await fetch(await link())).status, 200)
})

t.test('the account tells what is left, by the way it is billed', async (t) => {
  const left = {
    wallet: 'remaining_balance',
    subscription: 'credits',
    usage_based: 'remaining_credits',
  } as const
  for (const billing of ['wallet', 'subscription', 'usage_based'] as const) {
    const { ask, video } = await openHeyGen(t, { billing, credits: 10 })
    await video('Hello')
    const { data } = (await ask('GET', '/v3/users/me')).body
    t.equal(data.billing_type, billing)
    t.equal(data[billing][left[billing]], 9.8, billing)
  }
  const poor = await openHeyGen(t, { credits: 0.1 })
  t.match(await poor.submit('Hello'), {
    status: 402,
    body: { error: { code: 'insufficient_credit' } },
  })
})
