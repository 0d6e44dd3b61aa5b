// How a start is told of the process before it: the word in the data folder, where a process that dies cannot write one.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openStopNote } from '../../control-api/db/stop-note.ts'
import { createLogger } from '../../core/telemetry/index.ts'
import { buildApp, freshDataDir, sample, type BuiltApp } from '../support/build-app.ts'

const saidBy = async ({ metrics }: BuiltApp): Promise<string[]> => {
  const words = ['first', 'drained', 'forced', 'crashed']
  const values = await Promise.all(
    words.map((how) => sample(metrics, `previous_stop{how="${how}"}`)),
  )
  return words.filter((_, at) => values[at] === 1)
}

t.test('each end has its word', async (t) => {
  const dataDir = await freshDataDir(t)
  const next = async () => {
    const app = await buildApp(t, { dataDir })
    return { app, said: await saidBy(app) }
  }
  const one = await next()
  t.same(one.said, ['first'])
  await one.app.close()

  const two = await next()
  t.same(two.said, ['drained'])
  const { callId } = await two.app.control.begin()
  const termination = {
    result: 'server_error',
    reason: 'shutdown',
    by: 'gateway',
    sipStatus: null,
  } as const
  two.app.emit('call.ended', callId, { termination })
  await two.app.close()

  const three = await next()
  t.same(three.said, ['forced'])
  const other = await three.app.control.begin()
  three.app.api.noteFailure()
  three.app.emit('call.ended', other.callId, { termination })
  await three.app.close()

  const four = await next()
  t.same(four.said, ['crashed'], 'a defect is one, however well it closed and whatever it cut off')
  t.equal(readFileSync(join(dataDir, 'voicegate.stop'), 'utf8'), 'running\n')
  await four.app.close()
  t.notOk(readdirSync(dataDir).includes('voicegate.stop.new'), 'nothing is left beside it')
})

t.test('a process that was never ready says nothing of itself', async (t) => {
  const folder = await freshDataDir(t)
  const open = () => openStopNote(folder, createLogger('silent'))
  const ran = open()
  ran.begin()
  open().end()
  t.equal(open().previous, 'crashed', 'a start that failed hides no crash')
  ran.end()
  open().end()
  t.equal(open().previous, 'drained')
})

t.test(
  'a word that is torn or cannot be read is of no good end; a disk that takes none stops nobody',
  async (t) => {
    const folder = await freshDataDir(t)
    const lines: string[] = []
    const logger = createLogger('info', { write: (line: string) => void lines.push(line) })
    const path = join(folder, 'voicegate.stop')
    writeFileSync(path, 'drai')
    t.equal(openStopNote(folder, logger).previous, 'crashed')
    const away = join(folder, 'away')
    mkdirSync(join(away, 'voicegate.stop'), { recursive: true })
    const note = openStopNote(away, logger)
    t.equal(note.previous, 'crashed')
    note.begin()
    t.match(lines, [/cannot be noted in DATA_DIR/])
  },
)
