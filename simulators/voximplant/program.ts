// The simulated Voximplant as its options ask for it: used by its own program and by that of the whole world.
import { UsageError, type AskedFor, type OptionText, type ProgramText } from '../command-line.ts'
import { DEMO_NUMBER } from './demo-account.ts'
import { NAMED_PEOPLE, phoneBehind } from './named-people.ts'
import type { VoximplantOptions, VoximplantSimulator } from './options.ts'

/** The product is told to be there: what scenarios post to must be https, and nothing here has a certificate. */
const PUBLIC_URL = 'https://voicegate.example'

export const VOXIMPLANT_OPTIONS: readonly OptionText[] = [
  {
    name: 'voximplant-key',
    takes: 'KEY',
    what: 'API key of the account at Voximplant; default any-key',
  },
  { name: 'secure-records', what: 'recordings at Voximplant only with the keys of the account' },
]

export const VOXIMPLANT_SECTIONS: ProgramText['sections'] = [
  {
    title: 'who picks up, by the last two digits called; all others talk for a while:',
    lines: NAMED_PEOPLE.map(({ lastDigits, meaning }) => `…${lastDigits}  ${meaning}`),
  },
]

/** @throws UsageError */
export function voximplantOptionsOf(asked: AskedFor): VoximplantOptions {
  const product = asked.text('product') ?? 'http://127.0.0.1:8000'
  if (!URL.canParse(product)) throw new UsageError('--product takes a URL')
  return {
    reach: (url) => (url.startsWith(`${PUBLIC_URL}/`) ? reachedAt(product, url) : url),
    apiKey: asked.text('voximplant-key') ?? 'any-key',
    secureRecords: asked.has('secure-records'),
    phones: phoneBehind,
  }
}

function reachedAt(product: string, url: string): string {
  const { pathname, search } = new URL(url)
  return new URL(pathname + search, product).href
}

/** For .env, and for the form that adds an account. */
export const voximplantLines = (voximplant: VoximplantSimulator): string[] => [
  `VOXIMPLANT_BASE_URL=${voximplant.baseUrl}`,
  `PUBLIC_URL=${PUBLIC_URL}`,
  `# the account, to be added in the console: number ${voximplant.accountId}, API key ${voximplant.apiKey}`,
]

/** What is typed while it runs: `call NUMBER`. @returns what is to be printed */
export function typedToVoximplant(voximplant: VoximplantSimulator, line: string): string {
  const [command, from] = line.trim().split(/\s+/)
  if (command !== 'call' || from === undefined) return 'call NUMBER: somebody with it calls in'
  const { sessionId } = voximplant.callIn({ from, to: DEMO_NUMBER })
  return `session ${sessionId}: ${from} calls`
}
