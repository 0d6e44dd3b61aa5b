// Which SIP server is used, and what only the other one can do.
import type { Check } from '../check.ts'
import { info } from '../finding.ts'

const LEFT_OUT =
  'client certificates, NAPTR records, outbound (RFC 5626), proxying for others: these are left to drachtio-server'

export const sipServer: Check = {
  name: 'sip server',
  run: () => Promise.resolve([info('sip server', `the embedded one; it has no ${LEFT_OUT}`)]),
}
