// How the simulated vendors read what they are sent: forms, photos, sounds, faults in texts.
import t from 'tap'
import { faultsIn, formOf, pictureShape, soundShape } from '#simulators/animation-studio'
import { photo, wav } from './samples.ts'

const request = (body: Buffer | string, type: string) => ({
  method: 'POST',
  url: new URL('http://127.0.0.1/images'),
  headers: { 'content-type': type },
  body: Buffer.from(body),
  isTooLarge: false,
})
const TYPE = 'multipart/form-data; boundary=b'

t.test('a form as Node sends it: files with their bytes, fields, names beyond ASCII', async (t) => {
  const bytes = Buffer.from([13, 10, 45, 45, 0, 255, 13, 10])
  const form = new FormData()
  form.set('image', new Blob([new Uint8Array(bytes)], { type: 'image/png' }), 'Фото "1".png')
  form.set('detect_faces', 'true')
  const sent = new Request('http://127.0.0.1/', { method: 'POST', body: form })
  const type = sent.headers.get('content-type') ?? ''
  const read = formOf(request(Buffer.from(await sent.arrayBuffer()), type))
  const file = read?.files.get('image')
  t.match(file, { type: 'image/png', name: /^Фото / })
  t.ok(file?.bytes.equals(bytes))
  t.equal(read?.fields.get('detect_faces'), 'true')
})

t.test('a form by hand: a preamble, a quoted boundary, an empty file', async (t) => {
  const head = 'Content-Disposition: form-data; name="a"; filename="x"\r\nContent-Type: text/plain'
  const body = `preamble\r\n--b\r\n${head}\r\n\r\n\r\n--b--\r\nepilogue`
  const read = formOf(request(body, 'multipart/form-data; boundary="b"'))
  t.match(read?.files.get('a'), { name: 'x', type: 'text/plain' })
  t.equal(read?.files.get('a')?.bytes.length, 0)
})

t.test('what is no form is none', async (t) => {
  const part = '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n'
  t.ok(formOf(request(`${part}--b--`, TYPE)))
  for (const [body, type] of [
    [part, TYPE],
    [`${part}--c--`, TYPE],
    ['--b\r\nContent-Disposition: form-data; name="a"\r\n--b--', TYPE],
    ['--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--', TYPE],
    [`${part.repeat(200)}--b--`, TYPE],
    ['', TYPE],
    [`${part}--b--`, 'multipart/form-data'],
    [`${part}--b--`, 'application/json'],
  ] as const)
    t.equal(formOf(request(body, type)), undefined, body.slice(0, 60))
})

t.test('photos and sounds are known by their content', async (t) => {
  const size = { width: 321, height: 123 }
  t.match(pictureShape(await photo(size)), { kind: 'jpeg', ...size })
  t.match(pictureShape(await photo({ ...size, format: 'png' })), { kind: 'png', ...size })
  t.equal(pictureShape(Buffer.from('<svg/>')), undefined)
  t.equal(pictureShape((await photo()).subarray(0, 10)), undefined)
  t.same(soundShape(wav(2.5)), { kind: 'wav', seconds: 2.5 })
  // MPEG-1 layer III, 128 kbit/s: 16,000 bytes a second.
  const mp3 = Buffer.concat([Buffer.from([0xff, 0xfb, 0x90, 0x00]), Buffer.alloc(15_996)])
  t.same(soundShape(mp3), { kind: 'mp3', seconds: 1 })
  const tag = Buffer.from([0x49, 0x44, 0x33, 4, 0, 0, 0, 0, 1, 0])
  t.same(soundShape(Buffer.concat([tag, Buffer.alloc(128), mp3])), { kind: 'mp3', seconds: 1 })
  t.equal(soundShape(Buffer.from('no sound at all')), undefined)
  t.equal(soundShape(Buffer.alloc(0)), undefined)
})

t.test(
  'faults in a text: as many as there are, times or milliseconds, unknown ones are words',
  async (t) => {
    t.same(
      faultsIn('Hello [fault:late:40] dear [fault:truncated:2][fault:webhook-twice] [fault:none]'),
      [{ kind: 'late', ms: 40 }, { kind: 'truncated', times: 2 }, { kind: 'webhook-twice' }],
    )
    t.same(faultsIn('Hello [fault:] [fault:toString] fault:late'), [])
  },
)
