import t from 'tap'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

t.test('npm run webrtc:worker is known, and refused until it is built', async (t) => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    scripts: Record<string, string>
  }
  t.equal(scripts['webrtc:worker'], 'exec node scripts/run.mjs scripts/webrtc-worker.ts')
  const run = spawnSync(process.execPath, ['scripts/webrtc-worker.ts'], { encoding: 'utf8' })
  t.equal(run.status, 2)
  t.match(run.stderr, /webrtc:worker is not built yet/)
  t.equal(run.stdout, '')
})
