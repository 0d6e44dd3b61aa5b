// What the integration tests need of Debian: installed where we may, named where we may not.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** Program → package. */
const NEEDED = { sipp: 'sip-tester', baresip: 'baresip', chromium: 'chromium' } as const

const onPath = (program: string): boolean =>
  spawnSync('sh', ['-c', `command -v ${program}`]).status === 0

/** Installs the missing packages when we are root on Debian; else prints the one command. The tests skip by name. */
export function installDebianPackages(): void {
  const packages = Object.entries(NEEDED)
    .filter(([program]) => !onPath(program))
    .map(([, name]) => name)
  if (packages.length === 0) return
  const command = `apt-get install -y --no-install-recommends ${packages.join(' ')}`
  if (!existsSync('/etc/debian_version') || process.getuid?.() !== 0) {
    console.log(`some tests will be skipped; to run them: sudo ${command}`)
    return
  }
  console.log(`installing Debian packages: ${packages.join(', ')}`)
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  for (const line of ['apt-get update', command]) {
    const run = spawnSync('sh', ['-c', line], {
      env: environment,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    if (run.status !== 0) console.log(`"${line}" failed; the tests that need it are skipped`)
  }
}
