// What the integration tests need of Debian: installed where we may, named where we may not.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** Program → packages. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  sipp: ['sip-tester'],
  baresip: ['baresip'],
  openssl: ['openssl'],
  ffmpeg: ['ffmpeg'],
  tshark: ['tshark'],
  prometheus: ['prometheus'],
  // Not on the PATH; the version of PostgreSQL stands in it.
  '/usr/lib/chromium/chromium-headless-shell': ['chromium-headless-shell'],
  '/usr/lib/postgresql/*/bin/initdb': ['postgresql'],
  '/usr/sbin/kamailio': ['kamailio', 'kamailio-tls-modules'],
}
/** Packages that start a service which takes a port (5060, 9090) of every address; masked before, it cannot. */
const SERVICES = ['kamailio', 'prometheus']

const onPath = (program: string): boolean =>
  spawnSync('sh', ['-c', `command -v ${program}`]).status === 0

const hasSystemd = (): boolean => existsSync('/run/systemd/system')

/** Installs the missing packages when we are root on Debian; else prints the one command. The tests skip by name. */
export function installDebianPackages(): void {
  const packages = Object.entries(NEEDED)
    .filter(([program]) => !onPath(program))
    .flatMap(([, names]) => names)
  if (packages.length === 0) return
  const command = `apt-get install -y --no-install-recommends ${packages.join(' ')}`
  const services = hasSystemd() ? SERVICES.filter((name) => packages.includes(name)) : []
  const before = services.map((name) => `systemctl mask ${name}.service`)
  if (!existsSync('/etc/debian_version') || process.getuid?.() !== 0) {
    const lines = [...before, command].map((line) => `sudo ${line}`)
    console.log(`some tests will be skipped; to run them: ${lines.join(' && ')}`)
    return
  }
  console.log(`installing Debian packages: ${packages.join(', ')}`)
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  for (const line of ['apt-get update', [...before, command].join(' && ')]) {
    const run = spawnSync('sh', ['-c', line], {
      env: environment,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    if (run.status !== 0) console.log(`"${line}" failed; the tests that need it are skipped`)
  }
}
