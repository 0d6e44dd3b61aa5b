// With the guard taken out, its tests must fail: the source is broken in one place as it is loaded, and the named tests run
// on that. A test that still passes there proves nothing here.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { mutated, type Change } from '../support/mutant.ts'
import { startProgram } from '../support/process.ts'

const ROOT = join(import.meta.dirname, '../..')
const DEADLINE_MS = 60_000

interface Mutant {
  readonly changes: readonly Change[]
  readonly run: string
  /** Of its tests, where the others tell nothing of the change. */
  readonly only?: string
  /** Names of tests that must fail. */
  readonly fails: readonly string[]
  /** Names of tests the change does not touch: they show that the rest works. */
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
    only: 'an agent lives between 200 OK and BYE',
    fails: [
      'closed after BYE: rings, answers, the callee hangs up',
      'closed after BYE: an operator message, then an answer',
      'closed after BYE: answered at once, we hang up',
    ],
    passes: ['opened after 200 OK: rings, answers, the callee hangs up'],
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

/** Verdicts by test name, of all depths. */
function verdicts(tap: string): ReadonlyMap<string, boolean> {
  const lines = tap.matchAll(/^ *(not ok|ok) \d+ - (.*?)(?: # time=.*)?$/gm)
  return new Map([...lines].map(([, verdict, name = '']) => [name, verdict === 'ok']))
}

// Together: each mostly waits for calls to ring.
t.jobs = 3
for (const [name, { changes, run, only, fails, passes }] of Object.entries(MUTANTS)) {
  t.test(`seen by tests: ${name}`, { buffered: true, timeout: DEADLINE_MS + 10_000 }, async (t) => {
    for (const { file, from } of changes) {
      const source = readFileSync(join(ROOT, file), 'utf8')
      t.equal(source.split(from).length, 2, `${file} has the line to change, once`)
    }
    const program = startProgram(
      t,
      [process.execPath, '--disable-warning=ExperimentalWarning', run],
      {
        cwd: ROOT,
        env: {
          ...process.env,
          ...mutated(changes),
          ...(only === undefined ? {} : { TAP_GREP: only }),
          TAP: '1',
          TAP_TIMEOUT: String(DEADLINE_MS / 1000),
        },
      },
    )
    const { code } = await program.ended
    t.not(code, 0, 'the run fails')
    const seen = verdicts(program.stdout)
    const missing = `missing from ${program.stdout.slice(-500)}${program.stderr.slice(-500)}`
    for (const test of fails) t.equal(seen.get(test) ?? missing, false, `fails: ${test}`)
    for (const test of passes) t.equal(seen.get(test) ?? missing, true, `passes: ${test}`)
  })
}
