// The simulated Twilio as its options ask for it: used by its own program and by that of the whole world.
import { UsageError, type AskedFor, type OptionText, type ProgramText } from '../command-line.ts'
import { NAMED_PEOPLE, personBehind } from './named-people.ts'
import type { TwilioOptions, TwilioSimulator } from './options.ts'

/** The product is told to be there: with Twilio its address must be https, and nothing here has a certificate. */
const PUBLIC_URL = 'https://voicegate.example'

export const TWILIO_OPTIONS: readonly OptionText[] = [
  {
    name: 'product',
    takes: 'URL',
    what: `where ${PUBLIC_URL} is found in truth; default http://127.0.0.1:8000`,
  },
  { name: 'auth-token', takes: 'TOKEN', what: 'of the account at Twilio; default any-token' },
  { name: 'say-ms-per-char', takes: 'N', what: 'how long saying takes; default 20' },
]

export const TWILIO_SECTIONS: ProgramText['sections'] = [
  {
    title: 'who picks up, by the last two digits called; all others press 1, 4711#, 1, 2, or talk:',
    lines: NAMED_PEOPLE.map(({ lastDigits, meaning }) => `…${lastDigits}  ${meaning}`),
  },
]

/** @throws UsageError */
export function twilioOptionsOf(asked: AskedFor): TwilioOptions {
  const product = asked.text('product') ?? 'http://127.0.0.1:8000'
  if (!URL.canParse(product)) throw new UsageError('--product takes a URL')
  return {
    reach: (origin) => (origin === PUBLIC_URL ? product : origin),
    authToken: asked.text('auth-token') ?? 'any-token',
    sayMsPerChar: asked.number('say-ms-per-char', { least: 0, most: 1000 }) ?? 20,
    script: personBehind,
  }
}

/** For .env. */
export const twilioLines = (twilio: TwilioSimulator): string[] => [
  `TWILIO_ACCOUNT_SID=${twilio.accountSid}`,
  `TWILIO_AUTH_TOKEN=${twilio.authToken}`,
  `TWILIO_PHONE_NUMBER=${twilio.phoneNumber}`,
  `TWILIO_BASE_URL=${twilio.baseUrl}`,
  `PUBLIC_URL=${PUBLIC_URL}`,
]
