// The trunks file is read again while we run: whole and right, or not at all.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import t, { type Test } from 'tap'
import type { NumberRoute, Trunk } from '#core/contracts'
import { createLogger } from '#core/telemetry'
import { compileConfig, readTrunks } from '../../core/config/index.ts'
import { createTrunkReload } from '../../startup/reload-trunks.ts'
import { temporaryFolder } from '../support/process.ts'

const SECRET = 'planted-secret'
const NUMBER = '+4930231250001'
const trunk = (name: string, ...keys: readonly string[]): string =>
  [`  - name: ${name}`, '    domain: 127.0.0.1:5070', ...keys.map((key) => `    ${key}`)].join('\n')
const trunks = (...all: readonly string[]): string =>
  all.length === 0 ? 'trunks: []\n' : `trunks:\n${all.join('\n')}\n`
const ACCOUNT = ['account:', '  user: u', '  password: ${RELOAD_TEST_PASS}']

interface StageOptions {
  readonly text: string
  readonly settings?: Readonly<Record<string, string>>
  readonly failsWith?: Error
}

/** A run that read the file once. */
function build(t: Test, { text, settings, failsWith }: StageOptions) {
  const folder = temporaryFolder(t, 'reload')
  const file = join(folder, 'trunks.yaml')
  const env = join(folder, '.env')
  writeFileSync(file, text)
  writeFileSync(env, `RELOAD_TEST_PASS=${SECRET}\n`)
  const named = { TRUNKS_FILE: file, ELEVENLABS_AGENT_ID: 'agent_1', ...settings }
  const compiled = compileConfig({ ...named, RELOAD_TEST_PASS: SECRET }, {})
  if ('problems' in compiled) throw new Error(JSON.stringify(compiled.problems))
  const { config } = compiled
  const taken: (readonly Trunk[])[] = []
  const numbers: (readonly NumberRoute[])[] = []
  const log: string[] = []
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      log.push(chunk.toString())
      done()
    },
  })
  const reload = createTrunkReload(
    {
      logger: createLogger('info', destination),
      gateway: {
        replaceTrunks: (set) => {
          if (failsWith) throw failsWith
          taken.push(set)
        },
      },
      onNumbers: (set) => numbers.push(set),
      read: () => readTrunks(config, env),
    },
    config,
  )
  const lines = () => log.map((line) => JSON.parse(line) as Record<string, unknown>)
  return {
    file,
    env,
    taken,
    numbers,
    log,
    lines,
    reload,
    rewrite: (content: string) => writeFileSync(file, content),
  }
}

t.test('what was added, removed and changed is told by name, and taken over', async (t) => {
  const stage = build(t, {
    text: trunks(trunk('stays', ...ACCOUNT), trunk('goes'), trunk('turns')),
  })
  stage.rewrite(
    trunks(trunk('turns', 'codecs: [PCMA]'), trunk('comes'), trunk('stays', ...ACCOUNT)) +
      `numbers: { '${NUMBER}': { agent: agent_2 } }\n`,
  )
  stage.reload()
  t.match(stage.lines(), [
    {
      level: 'info',
      added: ['comes'],
      removed: ['goes'],
      changed: ['turns'],
      numbers: 'changed',
      msg: 'the trunks file was read again',
    },
  ])
  t.strictSame(
    stage.taken.map((set) => set.map(({ name }) => name)),
    [['turns', 'comes', 'stays']],
  )
  t.strictSame(stage.numbers, [[{ number: NUMBER, to: { kind: 'agent', agentId: 'agent_2' } }]])
  stage.reload()
  t.match(stage.lines().at(-1), { added: [], removed: [], changed: [], numbers: 'unchanged' })
  t.notMatch(stage.log.join(), new RegExp(`${SECRET}|\\${NUMBER}`))
})

t.test('one that is not right changes nothing; each problem is a line', async (t) => {
  const stage = build(t, { text: trunks(trunk('one')) })
  stage.rewrite(trunks(trunk('one', 'codec: [PCMU]', 'media: anchored'), trunk('one')))
  stage.reload()
  t.strictSame(stage.taken, [])
  t.strictSame(stage.numbers, [])
  t.match(
    stage.lines().map(({ level, msg, problems }) => ({ level, msg, problems })),
    [
      {
        level: 'error',
        msg: `${stage.file}:4: trunks[one].codec: is no key that can stand here; did you mean codecs?`,
      },
      {
        level: 'error',
        msg: `${stage.file}:6: trunks[1].name: is the name of an earlier trunk: choose another`,
      },
      {
        level: 'error',
        msg: `${stage.file}:5: trunks[one].media: is anchored, and there is no FreeSWITCH: set FREESWITCH_HOST`,
      },
      {
        level: 'error',
        problems: 3,
        msg: 'the trunks file is not right: the trunks stay as they are',
      },
    ],
  )
  stage.rewrite(trunks(trunk('one'), trunk('two')))
  stage.reload()
  t.match(stage.lines().at(-1), { added: ['two'], removed: [], changed: [] }, 'and mended it goes')
})

t.test('the rules of the start hold, by the settings of this run', async (t) => {
  const rules = [
    [trunks(trunk('one', 'media: anchored')), /trunks\[one\].media: is anchored, and there is no/],
    [trunks(trunk('one', 'transport: tls')), /^SIP_LISTEN has no tls address, which .*transport/],
    [trunks('  - { name: far, domain: sip.example.com }'), /^SIP_LISTEN is loopback while .*far/],
    [trunks(), /^EXOLVE_SIP_DOMAIN is missing: DIAL_ALLOW_PREFIXES allows numbers/],
  ] as const
  const settings = { DIAL_ALLOW_PREFIXES: '+49' }
  for (const [text, told] of rules) {
    const stage = build(t, { text: trunks(trunk('one')), settings })
    stage.rewrite(text)
    stage.reload()
    t.match(stage.lines()[0]?.['msg'], told)
    t.strictSame(stage.taken, [])
  }
})

t.test('.env is read again for what the file asks; the shorthand’s trunk stays', async (t) => {
  const settings = {
    EXOLVE_SIP_USER: '883140776920289',
    EXOLVE_SIP_PASS: SECRET,
    EXOLVE_SIP_DOMAIN: '127.0.0.1:5080',
  }
  const stage = build(t, { text: trunks(trunk('one', ...ACCOUNT)), settings })
  writeFileSync(stage.env, 'RELOAD_TEST_PASS=other\n')
  stage.reload()
  t.match(stage.lines(), [{ added: [], removed: [], changed: ['one'] }])
  t.match(stage.taken, [[{ name: 'exolve' }, { name: 'one', account: { password: 'other' } }]])
  writeFileSync(stage.env, '')
  stage.reload()
  t.match(stage.lines().at(1)?.['msg'], /account.password: needs the variable RELOAD_TEST_PASS,/)
  stage.rewrite(trunks(trunk('exolve')))
  stage.reload()
  t.match(stage.lines().at(-2)?.['msg'], /is the trunk that EXOLVE_SIP_DOMAIN defines too/)
  t.equal(stage.taken.length, 1)
})

t.test('a rehearsal takes numbers, and trunks only from a new start', async (t) => {
  const stage = build(t, { text: trunks(), settings: { ELEVENLABS_AGENT_ID: '' } })
  stage.rewrite(`numbers: { '${NUMBER}': { reject: 404 } }\n`)
  stage.reload()
  t.equal(stage.numbers.length, 1)
  stage.rewrite(trunks(trunk('one')))
  stage.reload()
  t.match(stage.lines().at(-2)?.['msg'], /^TRUNKS_FILE has trunks now, and this run is a rehearsal/)
  t.strictSame(stage.taken, [], 'the simulated carrier stays')
})

t.test('a file that is gone, and a gateway that throws, end nothing', async (t) => {
  const failing = build(t, { text: trunks(trunk('one')), failsWith: new Error('no') })
  failing.reload()
  t.match(failing.lines(), [{ level: 'error', err: Object }])
  const gone = build(t, { text: trunks(trunk('one')) })
  t.equal(gone.lines().length, 0)
  const nowhere = createTrunkReload(
    {
      logger: createLogger('silent'),
      gateway: { replaceTrunks: () => t.fail('nothing was read') },
      onNumbers: () => t.fail('nothing was read'),
      read: () => ({ problems: [{ name: 'TRUNKS_FILE', problem: 'cannot be read' }] }),
    },
    { ...configOf(), trunksFile: join(gone.file, 'gone') },
  )
  t.doesNotThrow(nowhere)
})

function configOf() {
  const compiled = compileConfig({}, {})
  if ('problems' in compiled) throw new Error('the defaults are wrong')
  return compiled.config
}

t.test('a file without trunks leaves who is on this machine', async (t) => {
  const stage = build(t, { text: trunks(trunk('one')) })
  stage.rewrite(trunks())
  stage.reload()
  t.match(stage.taken, [[{ name: 'local', routes: [] }]])
  t.match(stage.lines().at(-1), { added: [], removed: ['one'] })
})
