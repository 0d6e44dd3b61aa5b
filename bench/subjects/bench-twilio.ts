// The account at Twilio that the product has in a benchmark, and the load signs with.
import type { TwilioConfig } from '../../core/config/index.ts'
import type { E164 } from '../../core/contracts/index.ts'

export const BENCH_TWILIO = {
  accountSid: `AC${'0'.repeat(32)}`,
  authToken: 'token-of-the-bench',
  formerAuthToken: undefined,
  phoneNumber: '+4930555200' as E164,
  // Nobody is there: what comes in by webhooks needs no REST.
  baseUrl: 'http://127.0.0.1:9',
} as const satisfies Omit<TwilioConfig, 'answerWith'>
