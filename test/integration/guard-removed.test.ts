// With the guard taken out, its tests must fail: a copy of the source is broken in one place, and the named tests run on
// the copy. A test that still passes there proves nothing here.
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { startProgram, temporaryFolder } from '../support/process.ts'

const ROOT = join(import.meta.dirname, '../..')
const COPIED = [
  ...['core', 'gateway', 'bridge', 'control-api', 'simulators', 'startup', 'rehearsal', 'scripts'],
  ...['main.ts', 'package.json'],
]
const COPIED_TESTS = ['support', 'bridge', 'integration/guard.test.ts']
const DEADLINE_MS = 60_000

interface Change {
  readonly file: string
  readonly from: string
  readonly to: string
}

interface Mutant {
  readonly changes: readonly Change[]
  readonly run: string
  /** Names of tests that must fail. */
  readonly fails: readonly string[]
  /** Names of tests the change does not touch: they show that the copy works. */
  readonly passes: readonly string[]
}

const ACCEPT_ANYTHING: Change = {
  file: 'bridge/session/answer-guard.ts',
  from: 'admit(callId, evidence) {',
  to: 'admit(callId, evidence) {\n      if (callId !== undefined) return',
}

const MUTANTS: Readonly<Record<string, Mutant>> = {
  'the agent is opened at the first 18x': {
    changes: [
      ACCEPT_ANYTHING,
      {
        file: 'gateway/call/outbound-call.ts',
        from: "      session.provisional(provisional.status, description.takeRemote(provisional, 'answer'))",
        to: `      if (provisional.status > 100 && session.live.status === 'dialing')
        session.media?.openAgent(who.agent, {
          callId: session.identity.callId, dialog: 'forged', cseq: 1, answeredAt: outbound.desk.clock.now(), seal: '',
        })
      session.provisional(provisional.status, description.takeRemote(provisional, 'answer'))`,
      },
    ],
    run: 'test/integration/guard.test.ts',
    fails: [
      'no agent: declined',
      'no agent: no answer until the ring timeout',
      'no agent: an operator message, then failure',
      'no agent: ring-back as early media, then busy',
      'no agent: hung up while it rings',
      'no agent: hung up during an operator message',
      'no agent: a 200 OK that crosses our CANCEL',
      'no upgrade request was seen at all',
      'the auditor counts none',
      'opened after 200 OK: an operator message, then an answer',
    ],
    passes: ['no agent: busy', 'no agent: number not found'],
  },
  'the agent is not closed with the call': {
    changes: [
      {
        file: 'bridge/session/agent-session.ts',
        from: '  finish(reason: AgentCloseReason): void {\n    this.conversation.close()',
        to: "  finish(reason: AgentCloseReason): void {\n    if (reason !== 'call-ended') this.conversation.close()",
      },
    ],
    run: 'test/integration/guard.test.ts',
    fails: [
      'closed after BYE: rings, answers, the callee hangs up',
      'closed after BYE: an operator message, then an answer',
      'closed after BYE: answered at once, we hang up',
    ],
    passes: ['opened after 200 OK: rings, answers, the callee hangs up', 'no agent: declined'],
  },
  'evidence is not checked': {
    changes: [ACCEPT_ANYTHING],
    run: 'test/bridge/worker/guard.test.ts',
    fails: [
      'forged evidence is refused at once',
      'one agent a dialog, also in another session of the same call',
      'the worker checks on its own, whatever message reaches it',
    ],
    passes: ['after close all methods do nothing'],
  },
}

function copySource(t: Test): string {
  const folder = temporaryFolder(t, 'mutant')
  for (const name of COPIED) cpSync(join(ROOT, name), join(folder, name), { recursive: true })
  for (const name of COPIED_TESTS)
    cpSync(join(ROOT, 'test', name), join(folder, 'test', name), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

function apply(t: Test, folder: string, { file, from, to }: Change): void {
  const path = join(folder, file)
  const source = readFileSync(path, 'utf8')
  t.equal(source.split(from).length, 2, `${file} has the line to change, once`)
  writeFileSync(
    path,
    source.replace(from, () => to),
  )
}

/** Verdicts by test name, of all depths. */
function verdicts(tap: string): ReadonlyMap<string, boolean> {
  const lines = tap.matchAll(/^ *(not ok|ok) \d+ - (.*?)(?: # time=.*)?$/gm)
  return new Map([...lines].map(([, verdict, name = '']) => [name, verdict === 'ok']))
}

// Together: each mostly waits for calls to ring.
t.jobs = 3
for (const [name, { changes, run, fails, passes }] of Object.entries(MUTANTS)) {
  t.test(`seen by tests: ${name}`, { buffered: true, timeout: DEADLINE_MS + 10_000 }, async (t) => {
    const folder = copySource(t)
    for (const change of changes) apply(t, folder, change)
    const program = startProgram(
      t,
      [process.execPath, '--disable-warning=ExperimentalWarning', run],
      { cwd: folder, env: { ...process.env, TAP: '1', TAP_TIMEOUT: String(DEADLINE_MS / 1000) } },
    )
    const { code } = await program.ended
    t.not(code, 0, 'the run fails')
    const seen = verdicts(program.stdout)
    const missing = `missing from ${program.stdout.slice(-500)}${program.stderr.slice(-500)}`
    for (const test of fails) t.equal(seen.get(test) ?? missing, false, `fails: ${test}`)
    for (const test of passes) t.equal(seen.get(test) ?? missing, true, `passes: ${test}`)
  })
}
