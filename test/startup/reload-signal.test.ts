// SIGHUP to the whole product: another set of trunks while it runs, or the old one when the new one is wrong.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { bareEnvironment, eventually, startProgram, temporaryFolder } from '../support/process.ts'

const MAIN = join(import.meta.dirname, '../../main.ts')
const trunks = (...names: readonly string[]): string =>
  `trunks:\n${names.map((name) => `  - { name: ${name}, domain: '127.0.0.1:9', health: off }\n`).join('')}`

t.test('a node takes over what is right, and keeps what it has when it is not', async (t) => {
  const folder = temporaryFolder(t, 'reload-signal')
  const file = join(folder, 'trunks.yaml')
  writeFileSync(file, trunks('one', 'two'))
  const child = startProgram(t, [process.execPath, '--disable-warning=ExperimentalWarning', MAIN], {
    cwd: folder,
    env: {
      ...bareEnvironment(),
      TRUNKS_FILE: file,
      ELEVENLABS_AGENT_ID: 'agent_1',
      HTTP_PORT: '0',
      SIP_LISTEN: 'udp:127.0.0.1:0',
      DATA_DIR: folder,
      DRAIN_SECONDS: '0',
    },
  })
  const says = (what: string, text: string) =>
    eventually(what, 20_000, () => child.stdout.includes(text))
  await says('it to be ready', 'voicegate is ready')
  t.match(child.stdout, /trunk {5}one: does not register.*\n {12}two: does not register/)

  writeFileSync(file, trunks('two', 'three'))
  child.signal('SIGHUP')
  await says('the new set', 'the trunks file was read again')
  t.match(child.stdout, /"added":\["three"\],"removed":\["one"\],"changed":\[\]/)

  writeFileSync(file, trunks('four', 'four'))
  child.signal('SIGHUP')
  await says('the refusal', 'the trunks stay as they are')
  t.match(child.stdout, /trunks\[1\]\.name: is the name of an earlier trunk/)

  child.signal('SIGTERM')
  t.match(await child.ended, { code: 0 }, child.stderr)
  const last = child.stdout.split('\n').find((line) => line.includes('"msg":"stopped"')) ?? '{}'
  t.match(JSON.parse(last), { trunks: [{ name: 'two' }, { name: 'three' }] })
})
