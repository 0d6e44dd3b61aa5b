// Voices of Twilio that speak the languages of the menu, by their exact names (<Say>, TwiML for voice; the test compares
// with the union of the npm library 6.2.0). A text in a voice of another language cannot be understood, so voice and
// language tag are one value.
import type VoiceResponse from 'twilio/lib/twiml/VoiceResponse.js'

type SayAttributes = VoiceResponse.SayAttributes
type VoiceName = NonNullable<SayAttributes['voice']>
type LanguageTag = NonNullable<SayAttributes['language']>

export interface TwilioVoice {
  readonly voice: VoiceName
  readonly language: LanguageTag
}

export interface VoiceWish {
  /** ISO 639-1: de, en or ru; another one is spoken to as German is. */
  readonly language: string
  /** VOICE_NAME, in any case; undefined: the language's own. */
  readonly name?: string | undefined
  /** The caller's: English has several accents. */
  readonly number?: string | null
}

/** The voice of VOICE_NAME where it speaks the language, else that language's own. */
export function voiceFor({ language, name, number }: VoiceWish): TwilioVoice {
  const { legacyTag, own, abroad } = spokenAs(language)
  const wished = name === undefined ? undefined : findVoice(name)
  if (wished && 'legacy' in wished && wished.legacy.includes(language)) {
    return { voice: wished.voice, language: legacyTag }
  }
  if (wished && 'language' in wished && wished.language.startsWith(`${language}-`)) return wished
  return abroad.find(({ prefix }) => number?.startsWith(prefix))?.voice ?? own
}

/** Whether VOICE_NAME names a voice that speaks one of the menu's languages at all. */
export const isKnownVoice = (name: string): boolean => findVoice(name) !== undefined

/** Every name that `voiceFor` can answer with. */
export const knownVoices = (): readonly string[] => [...VOICES.values()].map(({ voice }) => voice)

interface Spoken {
  readonly legacyTag: LanguageTag
  readonly own: TwilioVoice
  readonly abroad: readonly { readonly prefix: string; readonly voice: TwilioVoice }[]
}

const GERMAN: Spoken = {
  legacyTag: 'de-DE',
  own: { voice: 'Polly.Vicki-Neural', language: 'de-DE' },
  abroad: [],
}
const BRITISH: TwilioVoice = { voice: 'Polly.Amy-Neural', language: 'en-GB' }
const ENGLISH: Spoken = {
  legacyTag: 'en-US',
  own: { voice: 'Polly.Joanna-Neural', language: 'en-US' },
  abroad: [{ prefix: '+44', voice: BRITISH }],
}
const RUSSIAN: Spoken = {
  legacyTag: 'ru-RU',
  own: { voice: 'Google.ru-RU-Wavenet-A', language: 'ru-RU' },
  abroad: [],
}

function spokenAs(language: string): Spoken {
  if (language === 'en') return ENGLISH
  return language === 'ru' ? RUSSIAN : GERMAN
}

/** The oldest voices have no locale of their own. Only alice has Russian. */
interface LegacyVoice {
  readonly voice: VoiceName
  readonly legacy: readonly string[]
}

const LEGACY: readonly LegacyVoice[] = [
  { voice: 'alice', legacy: ['de', 'en', 'ru'] },
  { voice: 'man', legacy: ['de', 'en'] },
  { voice: 'woman', legacy: ['de', 'en'] },
]

/** Of Amazon. A bare name is the standard voice, which many lack; N and G are its neural and generative variants. */
const POLLY = {
  'de-DE': 'Marlene Hans Vicki Vicki-N Vicki-G Daniel-N Daniel-G',
  'de-AT': 'Hannah-N',
  'en-US':
    'Joanna Joanna-N Joanna-G Matthew Matthew-N Matthew-G Salli Salli-N Kendra Kendra-N Kimberly Kimberly-N Ivy Ivy-N Joey Joey-N Justin Justin-N Kevin Kevin-N Ruth-N Ruth-G Stephen-N Stephen-G Danielle-N Danielle-G Gregory-N',
  'en-GB': 'Amy Amy-N Amy-G Emma Emma-N Brian Brian-N Arthur-N',
  'en-GB-WLS': 'Geraint',
  'en-AU': 'Nicole Russell Olivia-N Olivia-G',
  'en-IN': 'Aditi Raveena Kajal-N Kajal-G',
  'en-IE': 'Niamh-N',
  'en-NZ': 'Aria-N',
  'en-ZA': 'Ayanda-N Ayanda-G',
  'ru-RU': 'Tatyana Maxim',
} as const

/** Of Google: locale, kind and the letters or names there are. */
const CHIRP = 'Aoede Charon Fenrir Kore Leda Orus Puck Zephyr'
const GOOGLE = {
  'de-DE': { Standard: 'A B C D E F G H', Wavenet: 'A B C D E F G H', Neural2: 'A B C D F G H' },
  'en-US': {
    Standard: 'A B C D E F G H I J',
    Wavenet: 'A B C D E F G H I J',
    Neural2: 'A C D E F G H I J',
  },
  'en-GB': { Standard: 'A B C D F N O', Wavenet: 'A B C D F N O', Neural2: 'A B C D F N O' },
  'en-AU': { Standard: 'A B C D', Wavenet: 'A B C D', Neural2: 'A B C D' },
  'en-IN': { Standard: 'A B C D E F', Wavenet: 'A B C D E F', Neural2: 'A B C D' },
  'ru-RU': { Standard: 'A B C D E', Wavenet: 'A B C D E' },
} as const

const VOICES: ReadonlyMap<string, TwilioVoice | LegacyVoice> = new Map(
  [...LEGACY, ...pollyVoices(), ...googleVoices()].map((voice) => [
    voice.voice.toLowerCase(),
    voice,
  ]),
)

/** By its name in any case; a bare name of which there is no standard voice means the next best variant. */
function findVoice(name: string): TwilioVoice | LegacyVoice | undefined {
  const key = name.trim().toLowerCase()
  return VOICES.get(key) ?? VOICES.get(`${key}-neural`) ?? VOICES.get(`${key}-generative`)
}

function pollyVoices(): TwilioVoice[] {
  return Object.entries(POLLY).flatMap(([language, names]) =>
    names.split(' ').map((name) => {
      const full = name.replace(/-N$/, '-Neural').replace(/-G$/, '-Generative')
      return named(`Polly.${full}`, language)
    }),
  )
}

function googleVoices(): TwilioVoice[] {
  return Object.entries(GOOGLE).flatMap(([language, kinds]) =>
    Object.entries({ ...kinds, 'Chirp3-HD': CHIRP }).flatMap(([kind, names]) =>
      names.split(' ').map((name) => named(`Google.${language}-${kind}-${name}`, language)),
    ),
  )
}

/** The tables above are checked against the library's union by a test: put together, they are no literals any more. */
function named(voice: string, language: string): TwilioVoice {
  return { voice: voice as VoiceName, language: language as LanguageTag }
}
