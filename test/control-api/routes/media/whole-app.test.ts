// Media through the whole control API: who may send, read and delete them.
import t from 'tap'
import sharp from 'sharp'
import type { MediaView } from '../../../../control-api/routes/media/media-view.ts'
import { buildApp } from '../../../support/build-app.ts'

const KEY = 'k'.repeat(40)

t.test('nobody sends anything without a key; what is sent is read with one', async (t) => {
  const app = await buildApp(t, { config: { requireKey: true, rehearsal: false, apiKey: KEY } })
  const bytes = await sharp({
    create: { width: 300, height: 300, channels: 3, background: 'blue' },
  })
    .png()
    .toBuffer()
  const headers = { authorization: `Bearer ${KEY}` }
  const send = (more: Record<string, string>) => {
    const body = new FormData()
    body.append('file', new Blob([bytes]), 'x.png')
    const init = { method: 'POST', body, headers: more }
    return app.request('/api/v1/memorials/mem-1/media/upload', init)
  }
  t.equal((await send({})).status, 401)
  const taken = await send(headers)
  t.equal(taken.status, 201)
  const media = (await taken.json()) as MediaView
  t.equal(media.created_by, 'bootstrap')
  t.equal((await app.request(media.url)).status, 401)
  const read = await app.request(media.url, { headers })
  t.equal(read.status, 200)
  t.match(await sharp(Buffer.from(await read.arrayBuffer())).metadata(), { format: 'jpeg' })
  const path = `/api/v1/media/${media.media_id}`
  t.equal((await app.request(path, { method: 'DELETE', headers })).status, 204)
  t.equal((await app.request(path, { headers })).status, 404)
  t.notMatch(app.logged(), 'x.png')
})
