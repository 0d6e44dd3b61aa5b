// The simulator with a stub for an engine, and a client of its Management API that shares no code with the product's.
import { randomUUID, sign } from 'node:crypto'
import type { Test } from 'tap'
import type {
  VoximplantOptions,
  VoximplantSimulator,
} from '../../../simulators/voximplant/index.ts'
import { openVoximplant } from '../../../simulators/voximplant/simulator.ts'
import { StubEngine } from './stub-engine.ts'

export type Params = Readonly<Record<string, string | number | boolean>>

/** Whatever the JSON is: assertions look at it. */
export type Body = ReturnType<typeof JSON.parse>

export interface Answer {
  readonly status: number
  readonly body: Body
}

export interface Platform {
  readonly voximplant: VoximplantSimulator
  readonly engine: StubEngine
  /** As the service account. */
  readonly ask: (command: string, params?: Params) => Promise<Answer>
  /** The error's code, or 0. */
  readonly codeOf: (command: string, params?: Params) => Promise<number>
  readonly token: (claims?: TokenClaims) => string
}

export interface TokenClaims {
  readonly header?: Readonly<Record<string, unknown>>
  readonly payload?: Readonly<Record<string, unknown>>
  readonly key?: string
}

export async function openPlatform(
  t: Pick<Test, 'teardown'>,
  options: VoximplantOptions = {},
): Promise<Platform> {
  const engine = new StubEngine()
  const voximplant = await openVoximplant(options, engine.runSession)
  t.teardown(() => voximplant.close())
  const token = (claims?: TokenClaims): string => tokenOf(voximplant, claims)
  const ask: Platform['ask'] = async (command, params = {}) => {
    const response = await fetch(`${voximplant.baseUrl}/platform_api/${command}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token()}` },
      body: new URLSearchParams(textOf(params)),
    })
    return { status: response.status, body: await response.json() }
  }
  const codeOf: Platform['codeOf'] = async (command, params) => {
    const { body } = await ask(command, params)
    return Number(body.error?.code ?? 0)
  }
  return { voximplant, engine, ask, codeOf, token }
}

export const textOf = (params: Params): [string, string][] =>
  Object.entries(params).map(([name, value]) => [name, String(value)])

function tokenOf({ serviceAccountKey }: VoximplantSimulator, claims: TokenClaims = {}): string {
  const now = Math.floor(Date.now() / 1000)
  const { key_id, account_id, private_key } = serviceAccountKey
  const head = { alg: 'RS256', typ: 'JWT', kid: key_id, ...claims.header }
  const payload = { iss: account_id, iat: now, exp: now + 64, ...claims.payload }
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = `${part(head)}.${part(payload)}`
  const signature = sign('RSA-SHA256', Buffer.from(signed), claims.key ?? private_key)
  return `${signed}.${signature.toString('base64url')}`
}

/** By hand, so that the parser of the simulator meets bytes that no library of Node made. */
export function multipartOf(params: Params): { readonly type: string; readonly body: string } {
  const boundary = `--------------------------${randomUUID()}`
  const parts = textOf(params).map(
    ([name, value]) =>
      `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  )
  return {
    type: `multipart/form-data; boundary=${boundary}`,
    body: `${parts.join('')}--${boundary}--\r\n`,
  }
}
