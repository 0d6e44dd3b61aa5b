// What is mutated: the messages of RFC 4475, and those of real calls. `{n}` becomes the number of the input.
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { requestText, SDP, type RequestParts } from '../party/write-message.ts'

/** Stands in branch, tag and Call-ID of each input; `{n}` is its number. */
export const MARK = 'q{n}z'

export const numbered = (template: string, n: number): string =>
  template.replaceAll('{n}', String(n))

/** Which input an answer belongs to, where any of its marks is left. */
export const NUMBER_MARK = /q(\d+)z/

/** Headers of calls that the bare request has not. */
const EXTRAS: readonly (readonly string[])[] = [
  [],
  ['Allow: INVITE, ACK, BYE, CANCEL, OPTIONS', 'Supported: 100rel, timer', 'User-Agent: proof'],
  ['Record-Route: <sip:127.0.0.1:9;lr>', 'P-Asserted-Identity: "A" <sip:+4930700@127.0.0.1>'],
  ['Require: 100rel', 'RAck: 1 1 INVITE', 'Session-Expires: 1800;refresher=uac', 'Min-SE: 90'],
]

const METHODS = [
  'INVITE',
  'INVITE',
  'OPTIONS',
  'BYE',
  'CANCEL',
  'ACK',
  'REGISTER',
  'MESSAGE',
  'REFER',
  'PRACK',
  'UPDATE',
  'INFO',
  'NOTIFY',
  'SUBSCRIBE',
] as const

/** Requests outside of any dialog we have. */
export function requestCorpus(
  parts: Pick<RequestParts, 'uri' | 'sender' | 'transport'>,
): [string, ...string[]] {
  const own = METHODS.flatMap((method) =>
    EXTRAS.map((headers) => {
      const body = method === 'INVITE' || method === 'UPDATE' ? SDP : ''
      return requestText({ ...parts, mark: MARK, method, headers, body })
    }),
  )
  const stray = [100, 180, 200, 302, 401, 487, 503].map((status) =>
    requestText({ ...parts, mark: MARK, method: 'INVITE', body: SDP }).replace(
      /^[^\r]*/,
      `SIP/2.0 ${status} x`,
    ),
  )
  return [
    requestText({ ...parts, mark: MARK, method: 'OPTIONS' }),
    ...own,
    ...stray,
    ...tortureMessages(),
  ]
}

/** The 49 messages of RFC 4475 as the npm package `sip` brings them, numbered; their hosts are nobody's. */
export function tortureMessages(): readonly string[] {
  const folder = join(dirname(createRequire(import.meta.url).resolve('sip')), 'test', 'messages')
  return readdirSync(folder)
    .filter((name) => name.endsWith('.dat'))
    .map((name) =>
      readFileSync(join(folder, name), 'latin1')
        .replaceAll(/example\.(com|org|net)/gi, 'x.invalid')
        .replaceAll(/192\.0\.2\.\d+/g, '127.0.0.1')
        .replace(/^((?:Call-ID|i)[ \t]*:\s*)/im, '$1q{n}z')
        .replace(/(branch[ \t]*=[ \t]*)(?:z9hG4bK)?/i, '$1z9hG4bKq{n}z'),
    )
}
