// AGENT_FALLBACK_MESSAGE as a start judges it: a file that cannot be played, or is too long, is told with what to do.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createPromptLibrary } from '../../bridge/index.ts'
import { compileConfig } from '../../core/config/index.ts'
import { checkFallback, fallbackPrompt } from '../../startup/fallback-message.ts'
import { temporaryFolder } from '../support/process.ts'
import { ulawWav } from '../support/wav-writing.ts'

const wav = (seconds: number): Buffer => ulawWav(Buffer.alloc(seconds * 8000, 0xff))

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
