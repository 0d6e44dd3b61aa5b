// The law of docs/architecture.md bites: a file that breaks it six ways is named six times.
import t from 'tap'
import { spawnSync } from 'node:child_process'
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const TREE = ['core', 'gateway', 'bridge', 'control-api', 'simulators', 'startup', 'main.ts']
const FILES = ['package.json', 'tsconfig.json', '.dependency-cruiser.cjs']
const CRUISER = 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs'

t.test('a file that breaks the law is refused, rule by rule', async (t) => {
  const copy = t.testdir()
  for (const name of [...TREE, ...FILES]) cpSync(name, join(copy, name), { recursive: true })
  symlinkSync(join(process.cwd(), 'node_modules'), join(copy, 'node_modules'))
  writeFileSync(
    join(copy, 'gateway/violation.ts'),
    `import { openBridge } from '#bridge'
     import { createAnswerMint } from '../core/contracts/answer-mint.ts'
     import WebSocket from 'ws'
     import { ms } from '../core/contracts/units.ts'
     import { startEmbeddedSip } from './embedded/start-embedded-sip.ts'
     export const broken = [openBridge, createAnswerMint, WebSocket, ms, startEmbeddedSip]`,
  )
  const run = spawnSync(
    process.execPath,
    [CRUISER, '--config', '.dependency-cruiser.cjs', '--output-type', 'err', ...TREE],
    {
      cwd: copy,
      encoding: 'utf8',
    },
  )
  t.not(run.status, 0)
  for (const rule of [
    'folders-meet-in-core',
    'evidence-is-minted-by-the-composition-root',
    'vendor-ws',
    'core-by-front-door',
    'embedded-sip-is-sealed',
  ])
    t.match(run.stdout, new RegExp(`error ${rule}: gateway/violation\\.ts`), rule)
})

t.test('the mint is handed over in one place', async (t) => {
  t.match(readFileSync('main.ts', 'utf8'), /answer-mint/)
})
