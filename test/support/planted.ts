// Values planted in a test so that they can be found again: numbers, secrets and words that stand nowhere else. Found
// in any spelling that people and programs give them.

export const NUMBERS = {
  dialled: '+49309172635',
  refused: '+12125557193',
  invalid: '030 998 2736',
  shown: '+49305536018',
  inQuery: '+49304627109',
  inPath: '+49303718290',
  inHeader: '+49302809371',
  inFieldName: '+49301990462',
  inBrokenJson: '+49301071453',
  caller: '+49307354819',
  called: '+49308263741',
  asserted: '+49306445927',
  garbled: '+49308155203',
  saidByTrunk: '+49307246394',
  saidByAgent: '+49308172644',
  inTool: '+49309081553',
  inToolAnswer: '+49306337485',
  inDatabase: '+49305428576',
  inDefect: '+49304519667',
} as const

/** Letters, digits, and what URLs encode. */
export const SECRETS = {
  apiKey: 'adm-Pflaumenmus/7kq2+Zx9Lw4Rt8Vb3Nn6Hs1',
  otherKey: 'adm-Birnenbrot/0pw5+Mc8Kd2Jf7Gx4Qz1Ty6Ub',
  vendorKey: 'sk_Kirschgruetze8d3f6a1c9e5b7042',
  trunkPassword: 'Holunder/suppe+9Qm4',
  toolSecret: 'whsec-Rhabarbergelee/5tz8+Wd',
} as const

export const WORDS = {
  displayName: 'Wilhelmine Quittenbaum',
  callerSaid: 'Pampelmusenzwieback',
  agentSaid: 'Haselnussdampfer',
  firstMessage: 'Sanddornbegruessung',
  variable: 'Mirabellengeheimnis',
  metadata: 'Zwetschgenakte',
  toolParameter: 'Preiselbeerwunsch',
  fallback: 'Stachelbeerabschied',
  /** As no number is written. */
  keys: '*5A*9D',
} as const

/** How the vendor's one-time addresses look (simulators/elevenlabs). */
const SIGNED_URL_TOKEN = /cvtkn_[\w-]{8}/

type Kind = 'numbers' | 'secrets' | 'words'

/** What of it stands in the text, as `where: what`. */
export function planted(
  where: string,
  text: string,
  kinds: readonly Kind[] = ['numbers', 'secrets', 'words'],
): string[] {
  const spellings = { raw: text, decoded: decoded(text), joined: joinedDigits(decoded(text)) }
  const found = kinds.flatMap((kind) => LOOK[kind](spellings))
  return [...new Set(found)].map((what) => `${where}: ${what}`)
}

interface Spellings {
  readonly raw: string
  readonly decoded: string
  /** Without what stands between two digits. */
  readonly joined: string
}

const LOOK: Readonly<Record<Kind, (text: Spellings) => string[]>> = {
  numbers: ({ raw, joined }) =>
    namesIn(NUMBERS, (number) => {
      const end = number.replaceAll(/\D/g, '').slice(-7)
      return raw.includes(end) || joined.includes(end)
    }),
  secrets: ({ raw, decoded: plain }) => [
    ...namesIn(SECRETS, (secret) => raw.includes(base64(secret)) || plain.includes(secret)),
    ...(SIGNED_URL_TOKEN.test(raw) ? ['a signed URL'] : []),
  ],
  words: ({ raw, decoded: plain }) =>
    namesIn(WORDS, (word) => {
      const [first = word] = word.split(' ')
      return [raw, plain].some((text) => text.toLowerCase().includes(first.toLowerCase()))
    }),
}

const namesIn = (values: Readonly<Record<string, string>>, isIn: (value: string) => boolean) =>
  Object.entries(values)
    .filter(([, value]) => isIn(value))
    .map(([name]) => name)

/** Up to its last bytes, which depend on what follows. */
const base64 = (text: string): string => Buffer.from(text).toString('base64').slice(0, -4)

const decoded = (text: string): string =>
  text.replaceAll(/%[0-9a-f]{2}/gi, (code) =>
    String.fromCharCode(Number.parseInt(code.slice(1), 16)),
  )

const joinedDigits = (text: string): string => text.replaceAll(/(?<=\d)[ ().\-/]{1,3}(?=\d)/g, '')
