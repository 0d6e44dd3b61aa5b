// The command line of the proofs.
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import t from 'tap'

const proof = (...args: string[]) =>
  spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', 'proof/main.ts', ...args], {
    encoding: 'utf8',
    timeout: 60_000,
  })

t.test('an unknown name ends with 2 and the names there are', async (t) => {
  const { status, stderr, stdout } = proof('no-such-proof')
  t.equal(status, 2)
  t.equal(stdout, '')
  t.match(stderr, /no such proof: no-such-proof\nproofs: sip-fuzz, http-fuzz, sip-soak, sip-loss/)
  t.equal(proof('sip-fuzz', '--count', 'many').status, 2)
})

t.test('a proof says its seed; one that fails saves what led to it', async (t) => {
  const { status, stdout } = proof('sip-fuzz', '--count', '500', '--seed', '7')
  t.match(stdout, /sip-fuzz: 500, --seed 7/)
  t.equal(status, stdout.includes('all proven') ? 0 : 1, stdout)
  const file = /saved: (\S+)/.exec(stdout)?.[1]
  t.equal(file === undefined, status === 0)
  if (file === undefined) return
  t.match(readFileSync(file, 'utf8'), /npm run proof -- sip-fuzz --seed 7 --count 500/)
  rmSync(dirname(file), { recursive: true })
})
