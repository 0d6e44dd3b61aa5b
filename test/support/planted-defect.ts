// Loaded into the product by `--import`: SIGUSR2 is a defect whose error carries all that libraries hang on theirs.
import { isMainThread } from 'node:worker_threads'
import { NUMBERS, SECRETS, WORDS } from './planted.ts'

function defect(): Error {
  const number = NUMBERS.inDefect
  const cause = Object.assign(new TypeError(`Invalid URL\n${number.slice(1)}`), {
    input: `https://${SECRETS.otherKey}@vendor.example/?to=${encodeURIComponent(number)}`,
  })
  return Object.assign(new Error(`no answer from sip:${number}@127.0.0.1`, { cause }), {
    value: WORDS.metadata,
    headers: { 'xi-api-key': SECRETS.vendorKey },
    res: {
      raw: `SIP/2.0 486 Busy\r\nTo: "${WORDS.displayName}" <sip:${number}@127.0.0.1>\r\n\r\n`,
    },
    errors: [new Error(`tel:${number}`)],
  })
}

if (isMainThread) process.on('SIGUSR2', () => void Promise.reject(defect()))
