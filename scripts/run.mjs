// The runner behind every npm script. Plain JavaScript, works on Node 20: installs what package-lock.json asks
// for when it changed, then hands over to the Node 24 that the dependencies brought (docs/adr/0002).
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { constants as osConstants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const stamp = join(root, 'node_modules', '.voicegate-lock')
const lockHash = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex')

function installed() {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === lockHash
}

function install() {
  process.stderr.write('voicegate: installing dependencies (npm ci) …\n')
  // With what builds the console and runs the tests, whatever NODE_ENV or `omit` says (docs/operations.md).
  const npm = spawnSync(
    'npm',
    ['ci', '--include=dev', '--no-fund', '--no-audit', '--loglevel=error'],
    {
      cwd: root,
      stdio: ['ignore', 2, 2],
      shell: process.platform === 'win32',
    },
  )
  if (npm.status !== 0) fail('npm ci failed; its messages are above.', npm.status ?? 1)
  writeFileSync(stamp, lockHash)
}

function findNode() {
  const own = join(root, 'node_modules', '.bin', 'node')
  if (existsSync(own)) return own
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath
  return fail(
    `Node 24 or newer is needed and none came with the dependencies for ${process.platform}-${process.arch}. ` +
      'Install Node 24 from nodejs.org, put it first on the PATH and try again.',
    1,
  )
}

function fail(message, code) {
  process.stderr.write(`voicegate: ${message}\n`)
  process.exit(code)
}

if (!installed()) install()
const [script, ...rest] = process.argv.slice(2)
if (!script) fail('usage: node scripts/run.mjs <file> [arguments]', 2)
let child
// Before it starts: a signal must find somebody who hands it on. The child decides how to stop. Ctrl-C at a terminal
// reaches the whole group; elsewhere the child may hear it twice, and knows that (startup/end-on-signals.ts).
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child?.kill(signal)
  })
// Stripped and compiled once, then kept: a third of a start, and no WebAssembly in a warm process (adr/0002).
const cache = process.env.NODE_COMPILE_CACHE ?? join(root, 'node_modules', '.cache', 'node-compile')
// V8 may abort while it frees WebAssembly code that threads share; there is next to none to free (adr/0002).
const flags = ['--no-wasm-code-gc', '--disable-warning=ExperimentalWarning']
child = spawn(findNode(), [...flags, join(root, script), ...rest], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, NODE_COMPILE_CACHE: cache },
})
// As a shell would tell it.
child.on('exit', (code, signal) => process.exit(signal ? 128 + osConstants.signals[signal] : code))
