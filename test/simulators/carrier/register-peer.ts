// A bare customer of the simulated registrar: REGISTER and OPTIONS over a socket of its own, with a digest of its own.
import { createHash, randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { Test } from 'tap'

export interface Challenge {
  readonly realm: string
  readonly nonce: string
  readonly algorithm: string
  readonly qop: string | undefined
  readonly stale: string | undefined
}

export interface Registering {
  readonly user: string
  readonly password: string
  /** Whose address is registered. Default: the user's. */
  readonly addressOf: string
  readonly expires: number
  readonly cseq: number
  readonly challenge: Challenge
  readonly count: number
  readonly digestUri: string
  readonly qop: string
  readonly waitMs: number
}

export interface Answered {
  readonly status: number
  readonly challenges: readonly Challenge[]
  readonly contact: string
  readonly minExpires: string
  readonly retryAfter: string
}

export interface RegisterPeer {
  readonly contactUri: string
  register(how?: Partial<Registering>): Promise<Answered>
  options(how?: { readonly waitMs: number }): Promise<Answered>
  /** The first request of that method; fails after two seconds. */
  heard(method: string): Promise<string>
}

const HASHES: Readonly<Record<string, string>> = { MD5: 'md5', 'SHA-256': 'sha256' }

export async function startRegisterPeer(
  t: Test,
  registrar: { readonly host: string; readonly port: number },
  account: { readonly user: string; readonly password: string },
): Promise<RegisterPeer> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  t.teardown(() => socket.close())
  const heard: string[] = []
  socket.on('message', (bytes) => heard.push(bytes.toString()))
  const { port } = socket.address()
  const domain = `${registrar.host}:${registrar.port}`
  const contactUri = `sip:${account.user}@127.0.0.1:${port}`
  const callId = randomBytes(8).toString('hex')
  let cseq = 100

  async function until(what: string, waitMs: number, fits: (text: string) => boolean) {
    const deadline = performance.now() + waitMs
    for (;;) {
      const found = heard.find(fits)
      if (found !== undefined) return found
      if (performance.now() > deadline) throw new Error(`no answer: ${what}`)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  async function ask(method: string, lines: readonly string[], waitMs = 2000): Promise<Answered> {
    const branch = `z9hG4bK${randomBytes(6).toString('hex')}`
    const text = [
      `${method} sip:${domain} SIP/2.0`,
      `Via: SIP/2.0/UDP 127.0.0.1:${port};branch=${branch};rport`,
      'Max-Forwards: 70',
      `Call-ID: ${callId}`,
      ...lines,
      'Content-Length: 0',
      '',
      '',
    ].join('\r\n')
    socket.send(text, registrar.port, registrar.host)
    return answered(await until(method, waitMs, (each) => each.includes(branch)))
  }

  return {
    contactUri,
    register(how = {}) {
      const { user = account.user, addressOf = user, expires = 300 } = how
      cseq += 1
      const credentials = how.challenge && proofOf(how.challenge, { ...account, ...how }, domain)
      return ask(
        'REGISTER',
        [
          `From: <sip:${addressOf}@${domain}>;tag=a`,
          `To: <sip:${addressOf}@${domain}>`,
          `CSeq: ${how.cseq ?? cseq} REGISTER`,
          `Contact: <${contactUri}>;expires=${expires}`,
          ...(credentials === undefined ? [] : [`Authorization: ${credentials}`]),
        ],
        how.waitMs,
      )
    },
    options(how) {
      cseq += 1
      const who = `<sip:${account.user}@${domain}>`
      const lines = [`From: ${who};tag=a`, `To: ${who}`, `CSeq: ${cseq} OPTIONS`]
      return ask('OPTIONS', lines, how?.waitMs)
    },
    heard: (method) => until(method, 2000, (text) => text.startsWith(`${method} `)),
  }
}

function proofOf(
  { realm, nonce, algorithm }: Challenge,
  how: Partial<Registering> & { readonly user: string; readonly password: string },
  domain: string,
): string {
  const { user, password, digestUri = `sip:${domain}`, qop = 'auth' } = how
  const hash = (text: string): string =>
    createHash(HASHES[algorithm] ?? '')
      .update(text)
      .digest('hex')
  const count = (how.count ?? 1).toString(16).padStart(8, '0')
  const who = hash(`${user}:${realm}:${password}`)
  const response = hash(`${who}:${nonce}:${count}:c:${qop}:${hash(`REGISTER:${digestUri}`)}`)
  return [
    `Digest username="${user}", realm="${realm}", nonce="${nonce}", uri="${digestUri}"`,
    `response="${response}", algorithm=${algorithm}, cnonce="c", qop=${qop}, nc=${count}`,
  ].join(', ')
}

function answered(text: string): Answered {
  const header = (name: string): string =>
    new RegExp(`^${name}: *(.*?)\\r?$`, 'im').exec(text)?.[1] ?? ''
  const challenges = [...text.matchAll(/^WWW-Authenticate: *(.*?)\r?$/gim)]
  return {
    status: Number(/^SIP\/2\.0 (\d+)/.exec(text)?.[1]),
    challenges: challenges.map(([, value = '']) => challengeIn(value)),
    contact: header('Contact'),
    minExpires: header('Min-Expires'),
    retryAfter: header('Retry-After'),
  }
}

function challengeIn(value: string): Challenge {
  const of = (name: string): string | undefined =>
    new RegExp(`[ ,]${name}="?([^",]*)"?`).exec(value)?.[1]
  return {
    realm: of('realm') ?? '',
    nonce: of('nonce') ?? '',
    algorithm: of('algorithm') ?? '',
    qop: of('qop'),
    stale: of('stale'),
  }
}
