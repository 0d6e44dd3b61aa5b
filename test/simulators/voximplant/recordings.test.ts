// Recordings at the simulated storage: open or with keys, whole or in parts, until they are deleted.
import t from 'tap'
import { openPlatform } from './open-platform.ts'

const SESSION = { call_session_history_id: 1, start_date: '2026-01-02 00:00:00' }
const recorded = (record_id: number, duration = 3) => ({
  ...SESSION,
  call_session_history_id: record_id,
  records: [{ record_id, start_time: '2026-01-02 00:00:01', duration }],
})

t.test('an open one is MP3 that any player takes, and is served in parts', async (t) => {
  const { voximplant } = await openPlatform(t)
  voximplant.addHistory([recorded(5)])
  const url = `${voximplant.baseUrl}/records/5.mp3`
  const whole = await fetch(url)
  t.equal(whole.headers.get('content-type'), 'audio/mpeg')
  const bytes = Buffer.from(await whole.arrayBuffer())
  // MPEG-2.5 layer III, 32 kbit/s, 8 kHz: 72 · 32000 / 8000 bytes for 72 ms.
  t.equal(bytes.length, Math.ceil(3 / 0.072) * 288)
  for (let at = 0; at < bytes.length; at += 288) t.equal(bytes.readUInt32BE(at), 0xffe348c4)

  const part = async (range: string) => {
    const response = await fetch(url, { headers: { range } })
    const { status, headers } = response
    const length = (await response.arrayBuffer()).byteLength
    return [status, headers.get('content-range'), length]
  }
  const { length } = bytes
  t.strictSame(await part('bytes=0-9'), [206, `bytes 0-9/${length}`, 10])
  t.strictSame(await part('bytes=288-'), [206, `bytes 288-${length - 1}/${length}`, length - 288])
  t.strictSame(await part('bytes=-8'), [206, `bytes ${length - 8}-${length - 1}/${length}`, 8])
  t.strictSame((await part(`bytes=${length}-`)).slice(0, 2), [416, `bytes */${length}`])
  t.strictSame((await part('bytes=9-3')).slice(0, 1), [200])
  const head = await fetch(url, { method: 'HEAD' })
  t.equal(Number(head.headers.get('content-length')), length)
})

t.test('a secure one is for the account alone', async (t) => {
  const { voximplant, token } = await openPlatform(t, { secureRecords: true })
  voximplant.addHistory([recorded(5)])
  voximplant.addHistory([recorded(6)], { secure: false, sound: Buffer.from('sound') })
  const url = `${voximplant.baseUrl}/records/5.mp3`
  const status = async (address: string, authorization = '') =>
    (await fetch(address, { headers: authorization === '' ? {} : { authorization } })).status
  t.equal(await status(url), 401)
  t.equal(await status(url, `Bearer ${token()}`), 200)
  t.equal(await status(url, `Bearer ${token({ payload: { exp: 1, iat: 0 } })}`), 401)
  const keys = `account_id=${voximplant.accountId}&api_key=${voximplant.apiKey}`
  t.equal(await status(`${url}?${keys}`), 200)
  t.equal(await status(`${url}?${keys}x`), 401)
  const open = await fetch(url.replace('5.mp3', '6.mp3'))
  t.equal(await open.text(), 'sound')
  t.match(voximplant.requests.at(-2), {
    command: 'record-file',
    path: '/records/5.mp3',
    status: 401,
    caller: 'nobody',
  })
})

t.test(
  'a deleted one is gone, from the history too; others are known by number or address',
  async (t) => {
    const { voximplant, ask, codeOf } = await openPlatform(t)
    voximplant.addHistory([recorded(5), recorded(6)])
    const url = (id: number) => `${voximplant.baseUrl}/records/${id}.mp3`
    t.equal(await codeOf('DeleteRecord', { record_id: 5 }), 0)
    t.equal((await fetch(url(5))).status, 404)
    t.equal((await fetch(url(6))).status, 200)
    t.equal(await codeOf('DeleteRecord', { record_url: url(6) }), 0)
    t.equal((await fetch(url(6))).status, 404)
    t.equal(await codeOf('DeleteRecord', { record_id: 5 }), 341)
    t.equal(await codeOf('DeleteRecord', { record_id: 7 }), 261)
    t.equal(await codeOf('DeleteRecord', { record_url: 'https://elsewhere.example/1.mp3' }), 341)
    t.equal(await codeOf('DeleteRecord'), 134)
    t.equal((await fetch(url(7))).status, 403, 'a link that is broken')
    const asked = { call_session_history_id: 5, with_records: true }
    t.notOk('record_url' in (await ask('GetCallHistory', asked)).body.result[0].records[0])
  },
)
