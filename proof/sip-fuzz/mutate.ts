// Mutations of text: of its bytes, and of what its grammar makes of it. Everything comes from the given chance.
import type { Random } from '../seeded-random.ts'
import { HEADERS, HOSTS, METHODS, NUMBERS, PIECES, SDP_LINES } from './hostile-text.ts'

export type Mutation = (text: string, random: Random) => string

/** Applies one to four mutations. Now and then none: what is right must be answered too. */
export function mutate(text: string, random: Random, mutations: Mutations): string {
  if (random.chance(0.04)) return text
  let out = text
  for (let times = 1 + random.below(4); times > 0; times -= 1)
    out = random.pick(mutations)(out, random)
  return out.length > LARGEST ? out.slice(0, LARGEST) : out
}

export type Mutations = readonly [Mutation, ...Mutation[]]

/** What a datagram holds, with room for its headers. */
const LARGEST = 60_000

const insert: Mutation = (text, random) => {
  const at = random.below(text.length + 1)
  return text.slice(0, at) + random.pick(PIECES) + text.slice(at)
}
const knockOut: Mutation = (text, random) => {
  const at = random.below(text.length)
  return text.slice(0, at) + text.slice(at + 1 + random.below(12))
}
const flip: Mutation = (text, random) => {
  const at = random.below(text.length)
  return text.slice(0, at) + String.fromCharCode(random.below(256)) + text.slice(at + 1)
}
const copy: Mutation = (text, random) => {
  const from = random.below(text.length)
  const at = random.below(text.length)
  return text.slice(0, at) + text.slice(from, from + random.below(60)) + text.slice(at)
}
const truncate: Mutation = (text, random) => text.slice(0, random.below(text.length))
const pad: Mutation = (text, random) => {
  const at = random.below(text.length + 1)
  const length = random.chance(0.02) ? 40_000 : random.pick([16, 64, 256, 1_000, 4_000])
  return (
    text.slice(0, at) +
    random.pick(['a', '9', ',', ' ', ';a', '\t', '"', '%41', '<', '\xe9']).repeat(length) +
    text.slice(at)
  )
}

/** One of the places where the pattern is found becomes something else. */
const replaceOne =
  (pattern: RegExp, replacement: (found: string, random: Random) => string): Mutation =>
  (text, random) => {
    const found = [...text.matchAll(pattern)]
    const one = found[random.below(found.length)]
    if (one === undefined) return text
    return (
      text.slice(0, one.index) + replacement(one[0], random) + text.slice(one.index + one[0].length)
    )
  }

const number = replaceOne(/\d+/g, (_found, random) => random.pick(NUMBERS))
const host = replaceOne(/\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(:\d{1,5})?/g, (_found, random) =>
  random.pick(HOSTS),
)
const method = replaceOne(/\b[A-Z]{3,9}\b/g, (_found, random) => random.pick(METHODS))
const escape = replaceOne(/[a-z]/gi, (found) => `%${found.charCodeAt(0).toString(16)}`)
const foldLine = replaceOne(
  /[ ;,=]/g,
  (found, random) => random.pick(['\r\n ', '\r\n\t', '\n ', ' \r\n  ']) + found,
)
const lineEnd = replaceOne(/\r\n/g, (_found, random) =>
  random.pick(['\n', '\r', '\r\r\n', '\r\n\r\n', '']),
)
const quote = replaceOne(/"[^"]*"/g, (found, random) =>
  random.pick([found.slice(1), found.slice(0, -1), `${found}${found}`, '""', '"\\"']),
)
const bracket = replaceOne(/<[^<>]*>/g, (found, random) =>
  random.pick([found.slice(1), found.slice(0, -1), `<${found}>`, '<>', found + found]),
)
const parameter = replaceOne(/;[^;\r\n>,]*/g, (found, random) =>
  random.pick([found + found, '', found.repeat(30), ';', found.replace('=', '=='), `${found}"`]),
)
const separator = replaceOne(/[:;=@,/ ]/g, (found, random) =>
  random.pick(['', found + found, ' ', ` ${found} `, ',']),
)
const contentLength = replaceOne(/^(Content-Length|l):.*$/gim, (_found, random) =>
  random.pick([
    '',
    'Content-Length: 0',
    `Content-Length: ${random.pick(NUMBERS)}`,
    'Content-Length: 10\r\nContent-Length: 20',
    'l: 5',
    'Content-Length:',
    'Content-Length: 7 7',
  ]),
)

/** The lines before the empty one, changed. */
const inHead =
  (change: (lines: string[], random: Random) => void): Mutation =>
  (text, random) => {
    const end = text.indexOf('\r\n\r\n')
    const head = end < 0 ? text : text.slice(0, end)
    const lines = head.split('\r\n')
    if (lines.length > 1) change(lines, random)
    return lines.join('\r\n') + (end < 0 ? '' : text.slice(end))
  }
const aLine = (lines: readonly string[], random: Random): number =>
  1 + random.below(lines.length - 1)

const repeatHeader = inHead((lines, random) => {
  const at = aLine(lines, random)
  const times = random.pick([1, 1, 1, 2, 5, 40, 300])
  lines.splice(at, 0, ...Array.from({ length: times }, () => lines[at] ?? ''))
})
const dropHeader = inHead((lines, random) => void lines.splice(aLine(lines, random), 1))
const moveHeader = inHead((lines, random) => {
  const [line = ''] = lines.splice(aLine(lines, random), 1)
  lines.splice(random.below(lines.length + 1), 0, line)
})
const addHeader = inHead((lines, random) =>
  lines.splice(aLine(lines, random), 0, random.pick(HEADERS)),
)
const listHeader = inHead((lines, random) => {
  const at = aLine(lines, random)
  const value = (lines[at] ?? '').replace(/^[^:]*:/, '')
  lines[at] = (lines[at] ?? '') + `,${value}`.repeat(random.pick([1, 2, 100]))
})
const renameHeader = inHead((lines, random) => {
  const at = aLine(lines, random)
  const names = [
    'v',
    'f',
    't',
    'i',
    'm',
    'l',
    'c',
    'VIA',
    'cseq',
    'Call-ID ',
    'X',
    '',
    'Route',
    'Record-Route',
    '__proto__',
  ]
  lines[at] = (lines[at] ?? '').replace(/^[^:]*/, names[random.below(names.length)] ?? '')
})
const startLine = inHead((lines, random) => {
  const first = lines[0] ?? ''
  lines[0] = random.pick([
    `SIP/2.0 ${random.below(1_000)} x`,
    ` ${first}`,
    first.toLowerCase(),
    first.replace('2.0', '3.0'),
    first.replaceAll(' ', '  '),
    first.replace(/ \S+ /, ' <$&> '),
    first.replace(/sip:/, 'tel:'),
    `\r\n\r\n${first}`,
    `${first} `,
    first.replace(/ \S+ /, '  '),
    first.replace(/sip:/, 'sip:a:b%00@'),
    'SIP/2.0',
    'GET / HTTP/1.1',
  ])
})

const TEXT: Mutations = [insert, insert, knockOut, flip, copy, truncate, pad, number, number]

const SIP: Mutations = [
  ...([
    host,
    method,
    escape,
    foldLine,
    lineEnd,
    quote,
    bracket,
    parameter,
    separator,
    contentLength,
  ] as const),
  ...[
    repeatHeader,
    dropHeader,
    moveHeader,
    addHeader,
    addHeader,
    listHeader,
    renameHeader,
    startLine,
  ],
]

const inLines =
  (change: (lines: string[], random: Random) => void): Mutation =>
  (text, random) => {
    const lines = text.split('\r\n')
    change(lines, random)
    return lines.join('\r\n')
  }

const SDP: Mutations = [
  inLines((lines, random) =>
    lines.splice(random.below(lines.length + 1), 0, random.pick(SDP_LINES)),
  ),
  inLines((lines, random) =>
    lines.splice(random.below(lines.length + 1), 0, random.pick(SDP_LINES)),
  ),
  inLines((lines, random) => (lines[random.below(lines.length)] = random.pick(SDP_LINES))),
  inLines((lines, random) => void lines.splice(random.below(lines.length), 1)),
  inLines((lines, random) => {
    const at = random.below(lines.length)
    lines.splice(
      at,
      0,
      ...Array.from({ length: random.pick([1, 3, 50, 500]) }, () => lines[at] ?? ''),
    )
  }),
  ...([host, separator, lineEnd] as const),
]

/** A body within a message: only what follows the empty line is touched, and its length is put right. */
const body: Mutation = (text, random) => {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0 || end + 4 >= text.length) return text
  const changed = random.pick(SDP)(text.slice(end + 4), random)
  return `${text.slice(0, end).replace(/(Content-Length: )\d+/, `$1${changed.length}`)}\r\n\r\n${changed}`
}

export const SIP_MUTATIONS: Mutations = [...TEXT, ...SIP, body, body]
export const SDP_MUTATIONS: Mutations = [...TEXT, ...SDP, ...SDP]
