// Kinds of settings: each reads one text and gives its value or the words of what is wrong with it.
import { isIP } from 'node:net'
import type { E164 } from '../contracts/index.ts'
import { decodePhoneNumber } from '../phone-numbers/index.ts'

export type Parsed<T> = { readonly value: T } | { readonly problem: string }

export interface Setting<T> {
  /** What a value looks like, for the generated example. */
  readonly kind: string
  readonly parse: (text: string) => Parsed<T>
}

export const text = (): Setting<string> => ({ kind: 'text', parse: (value) => ({ value }) })

/** What a vendor calls a thing of its own: it goes into an address. */
export const vendorId = (): Setting<string> => ({
  kind: 'id',
  parse: (value) =>
    /^[A-Za-z0-9_-]{1,64}$/.test(value)
      ? { value }
      : { problem: 'must be an id as the vendor lists it: letters, digits, - and _' },
})

/** Words to be spoken, or the path of a WAV file: a path of anything else would be read out to a caller. */
export const spokenMessage = (): Setting<string> => ({
  kind: 'words, or the path of a .wav file',
  parse: (value) =>
    FILE_NAME.test(value) && !/\.wav$/i.test(value)
      ? {
          problem:
            'names a file that is no .wav: convert it (ffmpeg -i IN -ar 8000 -ac 1 out.wav), or write words',
        }
      : { value },
})

/** One word with a path or an ending of sound in it. */
const FILE_NAME = /^(\S*[/\\]\S*|\S+\.(wav|mp3|ogg|opus|m4a|flac|aac|wma))$/i

/** An IP address: it is bound, or written where no name may stand. */
export const ipAddress = (): Setting<string> => ({
  kind: 'IP address',
  parse: (value) =>
    isIP(value) === 0 ? { problem: 'must be an IP address, not a host name' } : { value },
})

/** `10.0.0.7`, `10.0.0.0/8`, `fd00::/8`. */
export const network = (): Setting<string> => ({
  kind: 'IP address or network',
  parse: (value) => {
    const [address = '', bits, ...more] = value.split('/')
    const family = isIP(address)
    const longest = family === 6 ? 128 : 32
    const isLength = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= longest)
    return family > 0 && isLength && more.length === 0
      ? { value }
      : { problem: 'must be an IP address or a network, such as 127.0.0.1 or 10.0.0.0/8' }
  },
})

/** `203.0.113.7`, `sip.example.com`, either with a port; IPv6 with a port in brackets. */
export const hostAndPort = (): Setting<string> => ({
  kind: 'host or host:port',
  parse: (value) =>
    isIP(value) > 0 || isHostAndPort(value)
      ? { value }
      : {
          problem: 'must be a host, or a host and a port, such as 203.0.113.7 or 203.0.113.7:5060',
        },
})

/** Without a port, which is a setting of its own. */
export const host = (): Setting<string> => ({
  kind: 'host',
  parse: (value) =>
    isIP(value) > 0 || /^[A-Za-z0-9]([A-Za-z0-9._-]{0,252})$/.test(value)
      ? { value }
      : { problem: 'must be a host alone, such as 127.0.0.1 or drachtio; its port is set apart' },
})

/** A public name; with a dot in front every name below it, which must not be a whole country's. */
export const hostOrSuffix = (): Setting<string> => ({
  kind: 'host or .suffix',
  parse: (value) =>
    /^(?=.{1,253}$)\.?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*$/i.test(value)
      ? { value: value.toLowerCase() }
      : { problem: 'must be a host, or a suffix that begins with a dot, such as .example.com' },
})

function isHostAndPort(value: string): boolean {
  const [match, , port] = /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+)(:\d{1,5})?$/.exec(value) ?? []
  return match !== undefined && Number(port?.slice(1) ?? 0) <= 65535
}

export function integer(min: number, max: number, unit = ''): Setting<number> {
  const kind = `${min} to ${max}${unit === '' ? '' : ` ${unit}`}`
  return {
    kind,
    parse: (value) => {
      const number = Number(value)
      return /^\d+$/.test(value) && number >= min && number <= max
        ? { value: number }
        : { problem: `must be a whole number from ${kind}` }
    },
  }
}

export function decimal(min: number, max: number): Setting<number> {
  return {
    kind: `${min} to ${max}`,
    parse: (value) => {
      const number = Number(value)
      return /^\d+(\.\d+)?$/.test(value) && number >= min && number <= max
        ? { value: number }
        : { problem: `must be a number from ${min} to ${max}` }
    },
  }
}

export function oneOf<const T extends string>(...choices: readonly T[]): Setting<T> {
  return {
    kind: choices.join(' | '),
    parse: (value) => {
      const choice = choices.find((known) => known === value)
      return choice === undefined
        ? { problem: `must be one of ${choices.join(', ')}` }
        : { value: choice }
    },
  }
}

export function url(...protocols: readonly string[]): Setting<string> {
  return {
    kind: `${protocols.join(' or ')} address`,
    parse: (value) => {
      const parsed = URL.canParse(value) ? new URL(value) : undefined
      if (!parsed || !protocols.includes(parsed.protocol.replace(':', '')))
        return { problem: `must be an address that starts with ${protocols.join(':// or ')}://` }
      if (parsed.username !== '' || parsed.password !== '')
        return { problem: 'must not carry a user name or a password' }
      return { value: value.replace(/\/+$/, '') }
    },
  }
}

/** Comma-separated, each item checked. */
export function list<T>(item: Setting<T>): Setting<readonly T[]> {
  return {
    kind: `comma-separated: ${item.kind}`,
    parse: (value) => {
      const values: T[] = []
      for (const part of value.split(',').map((piece) => piece.trim())) {
        const parsed = item.parse(part)
        if ('problem' in parsed)
          return { problem: `has an item that is not right: each ${parsed.problem}` }
        values.push(parsed.value)
      }
      return { value: values }
    },
  }
}

/** `+49` and the like; `+` alone would allow the whole world and must be meant. */
export const dialPrefix = (): Setting<string> => ({
  kind: '+49',
  parse: (value) =>
    /^\+\d{0,15}$/.test(value)
      ? { value }
      : { problem: 'must be a plus sign and the first digits of a number, such as +49' },
})

export const phoneNumber = (): Setting<E164> => ({
  kind: '+49…',
  parse: (value) => {
    const number = decodePhoneNumber(value)
    return number === undefined
      ? { problem: 'must be a telephone number with its country code, such as +49 and its digits' }
      : { value: number }
  },
})

/** PostgreSQL alone: what the replaced systems used is brought over, not opened in place. */
export const databaseUrl = (): Setting<string> => ({
  kind: 'postgres://…',
  parse: (value) => {
    if (/^(sqlite|mysql)/.test(value))
      return {
        problem:
          'names a database of the replaced systems; it is not opened in place but brought over: Liza’s by ' +
          'npm run import-liza -- FILE, the Voximplant panel’s from a dump by npm run import-panel -- FILE. Leave it empty to ' +
          'start with our own SQLite',
      }
    const protocol = URL.canParse(value) ? new URL(value).protocol : ''
    return protocol === 'postgres:' || protocol === 'postgresql:'
      ? { value }
      : { problem: 'must be an address that starts with postgres://' }
  },
})

/** Key-encryption keys, the active one first: `k2:BASE64,k1:BASE64`, or one without a name. */
export interface SecretsKey {
  readonly id: string
  readonly key: Buffer
}

export const secretsKeys = (): Setting<readonly SecretsKey[]> => ({
  kind: '32 bytes in base64; several as id:base64, the active one first',
  parse: (value) => {
    const keys = value.split(',').map((part) => {
      const [, id = 'k1', base64 = ''] = /^(?:([A-Za-z0-9_-]{1,16}):)?(.*)$/.exec(part.trim()) ?? []
      return { id, key: Buffer.from(base64, 'base64') }
    })
    if (keys.some(({ key }) => key.length !== 32))
      return { problem: 'must be 32 bytes in base64: openssl rand -base64 32 makes one' }
    if (new Set(keys.map(({ id }) => id)).size < keys.length)
      return { problem: 'has two keys of one name: write id:base64, each id once' }
    return { value: keys }
  },
})

/** Days until each kind of data is deleted. */
export interface RetentionDays {
  readonly audio: number
  readonly transcripts: number
  readonly events: number
  /** Photos and videos; absent: they are kept. */
  readonly media?: number
}

/** Of calls. */
const RETENTION_KINDS = ['audio', 'transcripts', 'events'] as const
const MOST_DAYS = 36_500

/**
 * `90`, or `audio=30,transcripts=90,events=365,media=730`; what is not named is kept as by the plain number, else 90 days;
 * media only go where they are named.
 */
export const retentionDays = (): Setting<RetentionDays> => ({
  kind: 'days, or audio=30,transcripts=90,events=365,media=730',
  parse: (value) => {
    const days: { -readonly [K in keyof RetentionDays]: RetentionDays[K] } = {
      ...{ audio: 90, transcripts: 90, events: 90 },
    }
    const problem = `must be days from 1 to ${MOST_DAYS}, or pairs such as audio=30,events=365 of ${RETENTION_KINDS.join(', ')}, media`
    for (const part of value.split(',').map((piece) => piece.trim())) {
      const [, kind, number = ''] = /^(?:([a-z]+)=)?(\d{1,5})$/.exec(part) ?? []
      const count = Number(number)
      if (number === '' || count < 1 || count > MOST_DAYS) return { problem }
      if (kind === 'media') {
        days.media = count
        continue
      }
      const known = RETENTION_KINDS.filter((one) => kind === undefined || one === kind)
      if (known.length === 0) return { problem }
      for (const one of known) days[one] = count
    }
    return { value: days }
  },
})
