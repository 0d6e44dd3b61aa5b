// npm run doctor -- --call: one real call without an agent, over trunks that behave in every way.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { startCarrier, type Carrier, type CarrierOptions } from '../../simulators/carrier/index.ts'
import { startChild } from '../support/child-product.ts'
import { eventually, freeTcpPort, freeUdpPort, temporaryFolder } from '../support/process.ts'
import { runSipp, sippOptions, succeeds } from '../support/sipp.ts'
import { doctor, hasNoSecret, production, seenBy, startDoctor, type Seen } from './run-doctor.ts'

// Each run starts a program: a busy machine takes its time.
t.setTimeout(110_000)
// They mostly wait.
t.jobs = 2
const beside = { buffered: true }

const NUMBER = '+4930998877'
/** Nobody is there: nothing of the agent may be asked. */
const NO_VENDOR = 'http://127.0.0.1:9'

type Script = Parameters<Carrier['script']>[1]

const TALKS = [{ ring: 100 }, { answer: true }, { say: { tone: 500, ms: 5000 } }] as const
const PLAYS = { earlyMedia: { tone: 400, ms: 500 } } as const

interface Called extends Seen {
  readonly carrier: Carrier
}

async function callOver(
  t: Test,
  script: Script,
  args: readonly string[] = ['--seconds', '1'],
  options: CarrierOptions = {},
): Promise<Called> {
  const carrier = await startCarrier(options)
  t.teardown(() => carrier.close())
  carrier.script(NUMBER, script)
  const { host, port } = carrier.address
  const env = production(`${host}:${port}`, NO_VENDOR)
  const seen = await doctor(t, { args: ['--call', NUMBER, ...args], env })
  hasNoSecret(t, seen)
  t.notOk((seen.text + seen.stderr).includes(NUMBER.slice(1)), 'not even the number called')
  return { ...seen, carrier }
}

/** What the ladder says, in order: who, and the first words. */
const ladderOf = ({ lines }: Seen): readonly string[] =>
  lines.flatMap((line) => {
    const step = /^ *\+\d+ ms {2}voicegate (──▶|◀──) carrier {2}([^,(]+)/.exec(line)
    return step ? [`${step[1] === '──▶' ? 'we' : 'they'}: ${(step[2] ?? '').trim()}`] : []
  })

t.test('answered, and heard both ways', beside, async (t) => {
  const file = join(temporaryFolder(t, 'json'), 'call.json')
  const seen = await callOver(t, TALKS, ['--seconds', '1', '--json', file])
  t.equal(seen.code, 0, seen.text)
  t.match(
    seen.text,
    /^calling \+•+77 over the trunk exolve, without an agent; Ctrl-C ends the call$/m,
  )
  t.match(
    ladderOf(seen).filter((step) => !step.includes('first audio')),
    [
      'we: INVITE',
      'they: 100 Trying: the carrier has it',
      'they: 180 Ringing',
      'they: 200 OK',
      'we: ACK',
      'we: BYE',
      'they: 200 OK',
    ],
  )
  t.match(
    seen.text,
    /◀── carrier {2}200 OK, SDP: PCMU telephone-event loopback IPv4 \(audio to 127/,
  )
  t.match(seen.text, /◀── carrier {2}first audio since the answer/)
  t.match(
    seen.text,
    /^ok {4}call: answered \d\.\d s after the INVITE; 180 came first; no early media$/m,
  )
  t.match(
    seen.text,
    /^ok {4}call: audio came in: \d+ packets of PCMU, from loopback IPv4, \d+ lost, jitter/m,
  )
  t.match(seen.text, /^ok {4}call: audio went out: \d+ packets; the other side reports \d+ lost/m)
  t.match(seen.text, /^ok {4}call: hung up by us, and confirmed$/m)
  t.notMatch(seen.text, /silence/)
  const [call] = seen.carrier.calls
  t.same([call?.protocolErrors, seen.carrier.protocolErrors], [[], []])
  t.equal(seen.carrier.calls.length, 1)
  t.ok((call?.rtpIn.packets ?? 0) > 30, 'the carrier heard us')

  const written = readFileSync(file, 'utf8')
  t.notMatch(written, NUMBER.slice(1))
  t.notMatch(written, '127.0.0.1')
  t.match(JSON.parse(written), {
    format: 1,
    passed: true,
    call: {
      answered: true,
      steps: [{ offset_ms: 0, by: 'voicegate', what: /^INVITE/ }],
      audio: { codec: 'PCMU', early_packets: Number, received: { packets: Number } },
    },
  })
})

const REFUSALS = [
  [486, /486: busy/, /know to be free/],
  [603, /603: the call was declined/, /know to be free/],
  [404, /404: the number is not known there/, /country code/],
] as const

// All statuses: call-parts.test.ts.
t.test('refused: the reason, and what to do', beside, async (t) => {
  await Promise.all(
    REFUSALS.map(async ([status, words, todo]) => {
      const seen = await callOver(t, [{ ring: 50 }, { reject: status }])
      t.equal(seen.code, 1, seen.text)
      const at = seen.lines.findIndex((line) => line.startsWith('fail  call: the carrier answered'))
      t.match(seen.lines[at], words)
      t.match(seen.lines[at + 1], todo)
      t.match(seen.text, /^1 problem/m)
    }),
  )
})

t.test(
  'a wrong password, at a registrar that we did not write',
  { ...sippOptions, ...beside },
  async (t) => {
    const sipp = await runSipp(t, { scenario: 'called-refuses-credentials' })
    const env = production(`127.0.0.1:${sipp.port}`, NO_VENDOR)
    const seen = await doctor(t, { args: ['--call', NUMBER], env })
    t.equal(seen.code, 1, seen.text)
    t.match(seen.text, /401 Unauthorized: it asks for our password/)
    t.match(
      seen.text,
      /^fail {2}call: the carrier answered 401: it does not accept our user or password$/m,
    )
    t.match(seen.text, /→ Check EXOLVE_SIP_USER and EXOLVE_SIP_PASS\./)
    hasNoSecret(t, seen)
    await succeeds(t, sipp)
  },
)

t.test('nobody answers, nothing rings, or nothing is said at all', beside, async (t) => {
  const ring = ['--ring-seconds', '2']
  const [rings, trying, silent, plays] = await Promise.all([
    callOver(t, [{ ring: 0 }, { neverAnswer: true }], ring),
    callOver(t, [{ neverAnswer: true }], ring),
    callOver(t, [{ noTrying: true }, { vanish: true }], ring),
    callOver(t, [{ earlyMedia: { ringBack: true, ms: 4000 } }, { neverAnswer: true }], ring),
  ])
  t.match(rings.text, /^fail {2}call: it rang, and nobody answered in 2 s$/m)
  t.match(ladderOf(rings).slice(-4), [
    'we: CANCEL',
    'they: 200 OK',
    'they: 487 Request Terminated: the CANCEL worked',
    'we: ACK',
  ])
  t.match(
    trying.text,
    /^fail {2}call: the carrier took the call \(100 Trying\), and nothing rang in 2 s$/m,
  )
  t.match(silent.text, /^fail {2}call: the carrier said nothing at all to the INVITE in 2 s$/m)
  t.match(
    plays.text,
    /^fail {2}call: not answered in 2 s; the carrier played something \(early media\)/m,
  )
  for (const { code, text } of [rings, trying, silent, plays]) t.equal(code, 1, text)
})

t.test('one-way audio, silence, and loss', beside, async (t) => {
  let sent = 0
  const everyFifth = ({ direction }: { readonly direction: string }): boolean =>
    direction === 'sent' && (sent += 1) % 5 === 0
  const [none, held, lossy] = await Promise.all([
    callOver(t, TALKS, ['--seconds', '1'], { dropRtp: ({ direction }) => direction === 'sent' }),
    callOver(t, [{ answer: true }, { untilHangUp: 5000 }]),
    callOver(t, TALKS, ['--seconds', '1'], { dropRtp: everyFifth }),
  ])
  t.equal(lossy.code, 0, lossy.text)
  t.match(
    lossy.text,
    /^warn {2}call: audio came in: \d+ packets of PCMU, from loopback IPv4, [1-9]\d* lost/m,
  )
  t.match(lossy.text, /→ That is much: /)
  t.equal(none.code, 1, none.text)
  t.match(none.text, /^fail {2}call: no audio came in: .* \(one-way audio\)$/m)
  t.match(none.text, /→ Let UDP to the ports 20000 to 29999 .* SIP_ADVERTISE/)
  t.match(none.text, /^1 problem/m)
  t.equal(held.code, 0, held.text)
  t.match(held.text, /^warn {2}call: what came in was silence from beginning to end$/m)
})

t.test(
  'early media: then a failure, then an answer, and announced for nothing',
  beside,
  async (t) => {
    const [fails, answers, empty] = await Promise.all([
      callOver(t, [PLAYS, { reject: 480 }]),
      callOver(t, [PLAYS, ...TALKS]),
      callOver(t, [PLAYS, { reject: 480 }], [], { dropRtp: () => true }),
    ])
    t.equal(fails.code, 1, fails.text)
    t.match(fails.text, /183 Session Progress, SDP: PCMU/)
    t.match(fails.text, /first audio, before the answer/)
    t.match(fails.text, /^info {2}call: early media: \d\d packets before the answer, announced/m)
    t.equal(answers.code, 0, answers.text)
    t.match(answers.text, /s after the INVITE; 183 and 180 came first$/m)
    t.match(
      empty.text,
      /^warn {2}call: early media: the carrier announced audio .* and none came$/m,
    )
  },
)

t.test('Ctrl-C while it rings sends CANCEL, and in a talk BYE', beside, async (t) => {
  const carrier = await startCarrier()
  t.teardown(() => carrier.close())
  const { host, port } = carrier.address
  const env = production(`${host}:${port}`, NO_VENDOR)
  const interrupted = async (script: Script, number: string, when: string) => {
    carrier.script(number, script)
    const program = startDoctor(t, { args: ['--call', number, '--seconds', '30'], env })
    await eventually(when, 15_000, () => program.stdout.includes(when))
    const at = performance.now()
    program.signal('SIGINT')
    const seen = await seenBy(program)
    t.ok(performance.now() - at < 3000, 'at once')
    return seen
  }
  const [rings, talks] = await Promise.all([
    interrupted([{ ring: 0 }, { neverAnswer: true }], '+4930998801', '180 Ringing'),
    interrupted(TALKS, '+4930998802', 'first audio since the answer'),
  ])
  t.equal(rings.code, 1, rings.text)
  t.match(rings.text, /^fail {2}call: stopped by you before an answer$/m)
  t.ok(ladderOf(rings).includes('we: CANCEL'))
  t.equal(carrier.calls.find(({ to }) => to.endsWith('01'))?.finalStatus, 487)
  t.equal(talks.code, 0, talks.text)
  t.match(talks.text, /^ok {4}call: hung up by us as you asked, and confirmed$/m)
})

t.test('what may not be called is not: no message leaves', beside, async (t) => {
  const carrier = await startCarrier()
  t.teardown(() => carrier.close())
  const { host, port } = carrier.address
  const env = { ...production(`${host}:${port}`, NO_VENDOR), DIAL_ALLOW_PREFIXES: '+44' }
  const [prefix, noTrunk, broken] = await Promise.all([
    doctor(t, { args: ['--call', NUMBER], env }),
    doctor(t, {
      args: ['--call', NUMBER],
      env: { ELEVENLABS_API_KEY: 'k'.repeat(32), ELEVENLABS_AGENT_ID: 'agent_x' },
    }),
    doctor(t, { args: ['--call', NUMBER], env: { ...env, HTTP_PORT: 'none' } }),
  ])
  t.equal(prefix.code, 2, prefix.text)
  t.match(prefix.text, /^fail {2}call: this number may not be made to ring: DIAL_ALLOW_PREFIXES/m)
  t.match(prefix.text, /→ Add its beginning to DIAL_ALLOW_PREFIXES/)
  t.equal(noTrunk.code, 2, noTrunk.text)
  t.match(
    noTrunk.text,
    /→ Set EXOLVE_SIP_USER, EXOLVE_SIP_PASS and EXOLVE_SIP_DOMAIN, or write a trunks file/,
  )
  t.equal(broken.code, 1, broken.text)
  t.match(broken.text, /^fail {2}configuration: HTTP_PORT/m)
  t.equal(carrier.calls.length, 0)
  for (const seen of [prefix, noTrunk, broken]) t.notMatch(seen.text + seen.stderr, NUMBER.slice(1))
})

t.test(
  'a rehearsal: the simulated carrier, with no code that could open an agent',
  beside,
  async (t) => {
    const folder = temporaryFolder(t, 'modules')
    const list = join(folder, 'modules.txt')
    const hook = join(folder, 'hook.mjs')
    writeFileSync(
      hook,
      `import { registerHooks } from 'node:module'
     import { appendFileSync } from 'node:fs'
     registerHooks({ load(url, context, next) {
       appendFileSync(${JSON.stringify(list)}, url + '\\n')
       return next(url, context)
     } })`,
    )
    const seen = await doctor(t, {
      args: ['--call', '+493023125000', '--seconds', '1'],
      env: { NODE_OPTIONS: `--import=${hook}`, SIP_LISTEN: 'tcp:127.0.0.1:0' },
    })
    t.equal(seen.code, 0, seen.text)
    t.match(seen.text, /over the simulated carrier \(nothing real is configured\)/)
    const loaded = readFileSync(list, 'utf8').split('\n')
    const has = (part: string): boolean => loaded.some((url) => url.includes(part))
    t.ok(
      has('/doctor/call/test-line.ts') && has('/gateway/embedded/thread.ts'),
      'the list is whole',
    )
    for (const agent of [
      '/bridge/',
      '/elevenlabs/',
      '/control-api/',
      'answer-mint',
      '/node_modules/ws/',
    ])
      t.notOk(has(agent), `nothing of ${agent}`)
  },
)

t.test('beside a voicegate that runs: another port, and what that means', beside, async (t) => {
  const sip = await freeUdpPort()
  const env = { HTTP_PORT: String(await freeTcpPort()), SIP_LISTEN: `udp:127.0.0.1:${sip}` }
  const product = await startChild(t, { env })
  const seen = await doctor(t, { args: ['--call', '+493023125086'], env })
  t.equal(seen.code, 1, seen.text)
  t.match(
    seen.text,
    /^info {2}call: SIP_LISTEN is taken, by a voicegate that runs here as it seems/m,
  )
  t.match(seen.text, /486: busy/)
  await product.stop()
})

t.test(
  'a callee that we did not write: SIPp answers and echoes our tone',
  { ...sippOptions, ...beside },
  async (t) => {
    const sipp = await runSipp(t, { scenario: 'called-until-bye', args: ['-rtp_echo'] })
    const env = production(`127.0.0.1:${sipp.port}`, NO_VENDOR)
    const file = join(temporaryFolder(t, 'json'), 'call.json')
    const args = ['--call', NUMBER, '--seconds', '2', '--json', file]
    const seen = await doctor(t, { args, env })
    t.equal(seen.code, 0, seen.text)
    await succeeds(t, sipp)
    t.match(seen.text, /^ok {4}call: audio came in: \d+ packets of PCMU/m)
    t.match(
      seen.text,
      /^info {2}call: audio went out: \d+ packets; the other side reports nothing/m,
    )
    const { call } = JSON.parse(readFileSync(file, 'utf8')) as {
      call: { audio: { received: { loudest_db: number } } }
    }
    // Our own tone came back as it left: 1000 of 32768 at its peak.
    t.ok(
      Math.abs(call.audio.received.loudest_db + 33.3) < 1,
      `${call.audio.received.loudest_db} dB`,
    )
  },
)
