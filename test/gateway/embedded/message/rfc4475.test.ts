// The torture messages of RFC 4475, byte for byte as the npm package "sip" brings them.
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import t from 'tap'
import { parseMessage } from '../../../../gateway/embedded/message/parse-message.ts'
import { validateRequest } from '../../../../gateway/embedded/message/validate-request.ts'
import { validateResponse } from '../../../../gateway/embedded/message/validate-response.ts'

const folder = join(dirname(createRequire(import.meta.url).resolve('sip')), 'test', 'messages')
const read = (name: string) =>
  parseMessage(readFileSync(join(folder, `${name}.dat`)), { trustContentLength: true })

const bodyLength = (message: ReturnType<typeof read>): number =>
  message.kind === 'not-sip' ? -1 : message.body.length

/** What becomes of the message: `valid`, the status it is refused with, or `dropped`. */
function outcome(name: string): unknown {
  const message = read(name)
  if (message.kind === 'not-sip') return 'dropped'
  const verdict = message.kind === 'request' ? validateRequest(message) : validateResponse(message)
  return verdict.kind === 'rejected' ? verdict.rejection.status : verdict.kind
}

const expected: Record<string, [name: string, outcome: unknown][]> = {
  // Section 3.1.1. Two have methods nobody knows: well-formed, and refused for that alone.
  valid: [
    ['wsinv', 'valid'],
    ['intmeth', 501],
    ['esc01', 'valid'],
    ['escnull', 'valid'],
    ['esc02', 501],
    ['lwsdisp', 'valid'],
    ['longreq', 'valid'],
    ['dblreq', 'valid'],
    ['semiuri', 'valid'],
    ['transports', 'valid'],
    ['mpart01', 'valid'],
    ['unreason', 'valid'],
    ['noreason', 'valid'],
  ],
  // Section 3.1.2.
  invalid: [
    ['badinv01', 400],
    ['clerr', 400],
    ['ncl', 400],
    ['scalar02', 400],
    ['scalarlg', 'dropped'],
    ['quotbal', 400],
    ['ltgtruri', 400],
    ['lwsruri', 400],
    ['lwsstart', 400],
    ['trws', 400],
    ['escruri', 400],
    ['baddate', 400],
    ['regbadct', 400],
    ['badaspec', 400],
    ['baddn', 400],
    ['badvers', 505],
    ['mismatch01', 400],
    ['mismatch02', 400],
    ['bigcode', 'dropped'],
  ],
  // Sections 3.2 to 3.4: what only the application can judge passes.
  others: [
    ['badbranch', 'valid'],
    ['insuf', 400],
    ['unkscm', 416],
    ['novelsc', 416],
    ['unksm2', 'valid'],
    ['bext01', 420],
    ['invut', 'valid'],
    ['regaut01', 'valid'],
    ['multi01', 400],
    ['mcl01', 400],
    ['bcast', 'dropped'],
    // Max-Forwards 0 stops proxies; an endpoint answers.
    ['zeromf', 'valid'],
    ['cparam01', 'valid'],
    ['cparam02', 'valid'],
    ['regescrt', 'valid'],
    ['sdp01', 'valid'],
    ['inv2543', 'valid'],
  ],
}

t.equal(Object.values(expected).flat().length, 49, 'RFC 4475 has 49 messages')

for (const [section, rows] of Object.entries(expected)) {
  t.test(`${section} messages`, async (t) => {
    for (const [name, result] of rows) t.equal(outcome(name), result, name)
  })
}

t.test('the key facts of the valid messages are read', async (t) => {
  const facts = (name: string) => {
    const message = read(name)
    const verdict = message.kind === 'request' ? validateRequest(message) : undefined
    return { message, essentials: verdict?.kind === 'valid' ? verdict.essentials : undefined }
  }
  const { message: white, essentials: whiteFacts } = facts('wsinv')
  t.match(whiteFacts, {
    cseq: { seq: 9, method: 'INVITE' },
    fromTag: '98asjd8',
    toTag: '1918181833n',
    via: { host: '192.0.2.2', branch: '' },
  })
  t.match(white, { uri: 'sip:vivekg@chair-dnrc.example.com;unknownparam' })
  t.equal(bodyLength(white), 150)
  if (white.kind === 'request') {
    t.equal(white.headers.count('Via'), 3, 'folded and comma-separated Vias are three')
    t.equal(white.headers.get('Subject'), '', 'an empty compact header')
    t.equal(white.headers.get('NewFangledHeader'), 'newfangled value continued newfangled value')
  }
  const { message: odd } = facts('intmeth')
  t.match(odd, { method: "!interesting-Method0123456789_*+`.%indeed'~" })
  const { message: long, essentials: longFacts } = facts('longreq')
  t.match(longFacts, { cseq: { seq: 3882340 } })
  if (long.kind === 'request') t.equal(long.headers.count('Via'), 34)
  const { message: twice } = facts('dblreq')
  t.match(twice, { method: 'REGISTER' })
  t.equal(bodyLength(twice), 0, 'bytes behind the body are noise')
  const { message: binary } = facts('mpart01')
  t.equal(bodyLength(binary), 553)
  t.match(read('unreason'), { status: 200, reason: /^= 2\*\*3 \* 5\*\*2 / })
  t.match(read('noreason'), { status: 100, reason: '' })
})

t.test('no message of the folder throws', async (t) => {
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.dat'))) {
    t.doesNotThrow(() => outcome(file.slice(0, -4)), file)
  }
})

t.test('no message cut short throws', async (t) => {
  for (const name of ['wsinv', 'intmeth', 'mpart01', 'quotbal']) {
    const bytes = readFileSync(join(folder, `${name}.dat`))
    for (let length = 0; length < bytes.length; length += 7) {
      const message = parseMessage(bytes.subarray(0, length), { trustContentLength: true })
      if (message.kind === 'request') validateRequest(message)
      if (message.kind === 'response') validateResponse(message)
    }
  }
  t.pass('none did')
})
