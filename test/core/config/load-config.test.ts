// Where settings and the trunks file are found: in the working folder, in .env, in the environment.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { readConfig, type Config } from '../../../core/config/index.ts'
import { temporaryFolder } from '../../support/process.ts'

const agentOf = (id: string): string => `numbers: { '+4930231250001': { agent: ${id} } }\n`

/** Works in a folder of its own, with a trunks file where it usually is. */
function inFolder(t: Test, env: string): void {
  const folder = temporaryFolder(t, 'load-config')
  const before = process.cwd()
  process.chdir(folder)
  t.teardown(() => process.chdir(before))
  mkdirSync('sip-config')
  writeFileSync(join('sip-config', 'trunks.yaml'), agentOf('usual'))
  writeFileSync('other.yaml', agentOf('other'))
  writeFileSync('.env', env)
}

function read(): Config {
  const compiled = readConfig()
  if ('problems' in compiled) throw new Error(JSON.stringify(compiled.problems))
  return compiled.config
}

t.test('the usual place is looked at unless another is named', async (t) => {
  inFolder(t, 'TRUNKS_FILE=\n')
  t.match(read(), {
    trunksFile: 'sip-config/trunks.yaml',
    numbers: [{ to: { agentId: 'usual' } }],
    rehearsal: true,
  })
  writeFileSync('.env', 'TRUNKS_FILE=other.yaml\n')
  t.match(read(), { trunksFile: 'other.yaml', numbers: [{ to: { agentId: 'other' } }] })
  process.env['TRUNKS_FILE'] = 'none.yaml'
  t.teardown(() => Reflect.deleteProperty(process.env, 'TRUNKS_FILE'))
  t.match(readConfig(), {
    problems: [{ name: 'TRUNKS_FILE', problem: 'names none.yaml, which cannot be read (ENOENT)' }],
  })
})
