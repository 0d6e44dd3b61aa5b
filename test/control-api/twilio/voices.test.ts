import t from 'tap'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { isKnownVoice, knownVoices, voiceFor } from '../../../control-api/twilio/voices.ts'

const declarations = readFileSync(
  createRequire(import.meta.url)
    .resolve('twilio/lib/twiml/VoiceResponse.js')
    .replace(/\.js$/, '.d.ts'),
  'utf8',
)

/** The members of a union of texts in the library's declarations. */
function unionOf(name: string): string[] {
  const [, members = ''] = new RegExp(`type ${name} = ([^;]+);`).exec(declarations) ?? []
  return [...members.matchAll(/"([^"]+)"/g)].map(([, member = '']) => member)
}

const VOICES = unionOf('SayVoice')
const LANGUAGES = unionOf('SayLanguage')

t.test('every name is one that the library knows, exactly so', async (t) => {
  t.ok(VOICES.length > 200, `${VOICES.length} voices were read`)
  t.ok(LANGUAGES.length > 50)
  t.same(
    knownVoices().filter((voice) => !VOICES.includes(voice)),
    [],
  )
  t.equal(new Set(knownVoices()).size, knownVoices().length)
  const locale = /^Google\.((?:de|en|ru)-[A-Z]{2})-/
  t.same(
    VOICES.filter((voice) => locale.test(voice) && !isKnownVoice(voice)),
    [],
    'and none of Google that speaks these languages is missing',
  )
})

t.test('whatever is wished, the voice speaks the language, under a tag there is', async (t) => {
  const numbers = [undefined, null, '+4930555100', '+442079460000', '+12025550100', 'anonymous']
  const wrong: unknown[] = []
  for (const language of ['de', 'en', 'ru']) {
    for (const name of [undefined, '', 'no voice', ...VOICES]) {
      for (const number of numbers) {
        const wish = { language, name, ...(number === undefined ? {} : { number }) }
        const found = voiceFor(wish)
        const google = /^Google\.([a-z]+-[A-Z]+)-/.exec(found.voice)
        if (
          !VOICES.includes(found.voice) ||
          !LANGUAGES.includes(found.language) ||
          !found.language.startsWith(`${language}-`) ||
          (google && google[1] !== found.language)
        ) {
          wrong.push({ wish, found })
        }
      }
    }
  }
  t.same(wrong, [])
})

const CASES: [name: string | undefined, language: string, voice: string, tag: string][] = [
  [undefined, 'de', 'Polly.Vicki-Neural', 'de-DE'],
  [undefined, 'en', 'Polly.Joanna-Neural', 'en-US'],
  [undefined, 'ru', 'Google.ru-RU-Wavenet-A', 'ru-RU'],
  ['alice', 'de', 'alice', 'de-DE'],
  ['ALICE', 'ru', 'alice', 'ru-RU'],
  ['man', 'en', 'man', 'en-US'],
  ['woman', 'de', 'woman', 'de-DE'],
  ['woman', 'ru', 'Google.ru-RU-Wavenet-A', 'ru-RU'],
  ['polly.Joanna', 'en', 'Polly.Joanna', 'en-US'],
  ['polly.joanna', 'en', 'Polly.Joanna', 'en-US'],
  ['polly.joanna', 'de', 'Polly.Vicki-Neural', 'de-DE'],
  ['polly.Emma', 'en', 'Polly.Emma', 'en-GB'],
  ['polly.Amy', 'en', 'Polly.Amy', 'en-GB'],
  ['polly.Kimberly', 'en', 'Polly.Kimberly', 'en-US'],
  ['POLLY.VICKI-NEURAL', 'de', 'Polly.Vicki-Neural', 'de-DE'],
  ['polly.vicki', 'en', 'Polly.Joanna-Neural', 'en-US'],
  [' polly.daniel ', 'de', 'Polly.Daniel-Neural', 'de-DE'],
  ['polly.hannah', 'de', 'Polly.Hannah-Neural', 'de-AT'],
  ['polly.tatyana', 'ru', 'Polly.Tatyana', 'ru-RU'],
  ['google.de-de-chirp3-hd-kore', 'de', 'Google.de-DE-Chirp3-HD-Kore', 'de-DE'],
  ['Polly.Lea', 'de', 'Polly.Vicki-Neural', 'de-DE'],
  ['nobody', 'de', 'Polly.Vicki-Neural', 'de-DE'],
  [undefined, 'fr', 'Polly.Vicki-Neural', 'de-DE'],
]

t.test('the wished voice, under its exact name, or the own one of the language', async (t) => {
  for (const [name, language, voice, tag] of CASES) {
    t.same(voiceFor({ name, language }), { voice, language: tag }, `${name} in ${language}`)
  }
  const british = { voice: 'Polly.Amy-Neural', language: 'en-GB' }
  t.same(voiceFor({ language: 'en', number: '+442079460000' }), british)
  const wished = { voice: 'Polly.Joanna', language: 'en-US' }
  t.same(voiceFor({ language: 'en', name: 'polly.joanna', number: '+442079460000' }), wished)
})

t.test('a name that means nothing can be warned of', async (t) => {
  for (const name of ['alice', 'man', 'polly.Emma', 'Polly.Daniel', 'Google.ru-RU-Standard-E']) {
    t.ok(isKnownVoice(name), name)
  }
  for (const name of ['', 'Polly.Lea', 'polly', 'constructor', 'Google.de-DE']) {
    t.notOk(isKnownVoice(name), name)
  }
})
