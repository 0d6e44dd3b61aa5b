import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { leftOver, makeSpool, repairWav, spoolPath } from '../../../bridge/record/spool.ts'
import { wavHeader } from '../../../bridge/record/wav-format.ts'
import { newCallId } from '../../../core/contracts/index.ts'
import { readWav } from '../../support/wav-reading.ts'

async function freshFolder(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'voicegate-spool-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

t.test('the folder is its owner’s alone, and tells what is left in it', async (t) => {
  const folder = join(await freshFolder(t), 'spool')
  t.same(await leftOver(folder), [], 'no folder, nothing left')
  await makeSpool(folder)
  await chmod(folder, 0o755)
  await makeSpool(folder)
  t.equal((await stat(folder)).mode & 0o777, 0o700)
  const callIds = [newCallId(), newCallId()]
  for (const callId of callIds.toReversed()) await writeFile(spoolPath(folder, callId), 'x')
  for (const name of ['call_x.wav', `${newCallId()}.tmp`, 'notes.txt', '.wav'])
    await writeFile(join(folder, name), 'x')
  const expected = callIds.map((callId) => ({ callId, path: join(folder, `${callId}.wav`) }))
  t.same(await leftOver(folder), expected, 'the oldest first, strangers left alone')
})

t.test('a head is made true by the size of the file', async (t) => {
  const path = join(await freshFolder(t), 'one.wav')
  const audio = Buffer.from(Int16Array.from({ length: 2 * 8000 }, (_, at) => at).buffer)
  const cases: [string, Buffer, number][] = [
    ['too little told', Buffer.concat([wavHeader(0), audio]), 8000],
    ['too much told', Buffer.concat([wavHeader(999_999), audio]), 8000],
    ['a head that never got to the disk', Buffer.concat([Buffer.alloc(44), audio]), 8000],
    ['half a sample at the end', Buffer.concat([wavHeader(4), audio.subarray(0, -3)]), 7999],
    ['true already', Buffer.concat([wavHeader(audio.length), audio]), 8000],
  ]
  for (const [what, file, samples] of cases) {
    await writeFile(path, file)
    const bytes = 44 + samples * 4
    t.same(await repairWav(path), { path, durationMs: samples / 8, bytes }, what)
    const { rate, channels } = await readWav(path)
    t.equal(rate, 8000)
    t.equal(channels.length, 2)
    t.equal(channels[0]?.[5], 10)
    t.equal(channels[1]?.[5], 11)
    t.equal((await readFile(path)).length, bytes)
  }
})

t.test('a file without audio is removed; one that is not there is none', async (t) => {
  const path = join(await freshFolder(t), 'one.wav')
  for (const file of [Buffer.alloc(0), Buffer.alloc(10), wavHeader(0), Buffer.alloc(46)]) {
    await writeFile(path, file)
    t.equal(await repairWav(path), null)
    t.equal(await repairWav(path), null, 'and again: it is gone')
  }
  await t.rejects(repairWav(await freshFolder(t)), { code: 'EISDIR' })
})
