// AGENT_FALLBACK_MESSAGE as a start judges it: a file that cannot be played, or is too long, is told with what to do.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createPromptLibrary } from '../../bridge/index.ts'
import { compileConfig } from '../../core/config/index.ts'
import { checkFallback, fallbackPrompt } from '../../startup/fallback-message.ts'
import { temporaryFolder } from '../support/process.ts'

/** G.711 µ-law, mono, 8000 a second. */
function wav(seconds: number): Buffer {
  const data = Buffer.alloc(seconds * 8000, 0xff)
  const head = Buffer.alloc(44)
  head.write('RIFF', 0)
  head.writeUInt32LE(36 + data.length, 4)
  head.write('WAVEfmt ', 8)
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(7, 20)
  head.writeUInt16LE(1, 22)
  head.writeUInt32LE(8000, 24)
  head.writeUInt32LE(8000, 28)
  head.writeUInt16LE(1, 32)
  head.writeUInt16LE(8, 34)
  head.write('data', 36)
  head.writeUInt32LE(data.length, 40)
  return Buffer.concat([head, data])
}

const promptOf = (message: string) => {
  const compiled = compileConfig({ AGENT_FALLBACK_MESSAGE: message }, {})
  if ('problems' in compiled) throw new Error('not valid')
  const prompt = fallbackPrompt(compiled.config)
  if (prompt === undefined) throw new Error('no prompt')
  return prompt
}
const check = (message: string) =>
  checkFallback((source) => createPromptLibrary(undefined).prepare(source), promptOf(message))

t.test('words are words, and a .wav is a file', async (t) => {
  t.same(promptOf('We are sorry.'), { kind: 'speech', text: 'We are sorry.' })
  t.same(promptOf('/srv/Sorry.WAV'), { kind: 'file', path: '/srv/Sorry.WAV' })
})

t.test('a file is judged before the first call needs it', async (t) => {
  const folder = temporaryFolder(t, 'fallback')
  const file = (name: string, bytes: Buffer): string => {
    const path = join(folder, name)
    writeFileSync(path, bytes)
    return path
  }
  await t.resolves(check(file('good.wav', wav(3))))
  const wrong: [string, RegExp][] = [
    [join(folder, 'none.wav'), /does not exist/],
    [file('long.wav', wav(25)), /takes 25 s, and callers get 20 s of it/],
    [file('mp3.wav', Buffer.from('ID3 and so on')), /is no WAV file/],
  ]
  for (const [path, what] of wrong)
    await t.rejects(check(path), {
      code: 'CONFIGURATION_INVALID',
      message: new RegExp(`^AGENT_FALLBACK_MESSAGE: .*${what.source}.*sox`),
    })
})
