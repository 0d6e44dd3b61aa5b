// Which SIP server is used, and what only the other one can do.
import type { Check } from '../check.ts'
import { info } from '../finding.ts'

/** As gateway/embedded/README.md says. */
const LEFT_OUT = [
  'client certificates',
  'NAPTR records',
  'outbound (RFC 5626)',
  'proxying for others',
  'SIP over WebSocket',
  'cdr events (their routes are accepted)',
  'queues of reliable provisional responses',
].join(', ')

export const sipServer: Check = {
  name: 'sip server',
  run: () =>
    Promise.resolve([info('sip server', `the embedded one; left to drachtio-server: ${LEFT_OUT}`)]),
}
