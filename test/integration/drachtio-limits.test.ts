// A real drachtio-server under messages of every size: none of ours wedges or breaks the connection.
import t, { type Test } from 'tap'
import type { InviteFailure } from '../../gateway/sip/sip-port.ts'
import { drachtioServerOptions } from '../support/drachtio-server.ts'
import { anInvite, CallNotes, openDrachtioServerStage } from '../gateway/sip/drachtio-stage.ts'

t.test('on drachtio-server', drachtioServerOptions, async (t: Test) => {
  const { sip } = await openDrachtioServerStage(t)
  const outcome = async (paddingBytes: number): Promise<InviteFailure> => {
    const notes = new CallNotes()
    const headers = { 'X-Padding': 'x'.repeat(paddingBytes) }
    sip.invite(anInvite('127.0.0.1:9', { headers }), notes)
    return notes.failed
  }
  await t.test('12.5 KB of headers fail the call, not the connection', async (t) => {
    t.match(await outcome(12_500), { status: 503, local: true, detail: 'Message Too Large' })
    const next = await outcome(0)
    t.match(next, { status: 503, local: true, lost: false })
    t.not(next.detail, 'Message Too Large')
    t.ok(sip.isConnected)
  })
  for (const bytes of [3_500, 5_000, 11_000])
    await t.test(`a hundred INVITEs of ${bytes} bytes at once are all answered`, async (t) => {
      const failures = await Promise.all(Array.from({ length: 100 }, () => outcome(bytes)))
      t.equal(failures.filter(({ status, lost }) => status === 503 && !lost).length, 100)
      t.same([...new Set(failures.map(({ detail }) => detail))].length, 1)
      t.ok(sip.isConnected)
    })
})
