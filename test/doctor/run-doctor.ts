// The doctor as its user meets it: a program with an exit code, in surroundings of its own.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import {
  bareEnvironment,
  startProgram,
  temporaryFolder,
  type RunningProgram,
} from '../support/process.ts'

const MAIN = join(import.meta.dirname, '../../doctor/main.ts')
export const USER = '4930555777'
export const PASSWORD = 'a password with blanks'
export const KEY = 'a-key-of-more-than-thirty-two-characters'
export const AGENT = 'agent_under_test'

export interface Seen {
  readonly code: number | null
  readonly text: string
  readonly stderr: string
  readonly lines: readonly string[]
}

export interface Surroundings {
  readonly args?: readonly string[]
  readonly envFile?: string
  readonly env?: Readonly<Record<string, string>>
}

export function startDoctor(
  t: Test,
  { args = [], envFile, env }: Surroundings = {},
): RunningProgram {
  const cwd = temporaryFolder(t, 'doctor')
  if (envFile !== undefined) writeFileSync(join(cwd, '.env'), envFile)
  const flag = '--disable-warning=ExperimentalWarning'
  return startProgram(t, [process.execPath, flag, MAIN, ...args], {
    cwd,
    env: { ...bareEnvironment(), SIP_LISTEN: 'udp:127.0.0.1:0', HTTP_PORT: '0', ...env },
  })
}

export async function seenBy(program: RunningProgram): Promise<Seen> {
  const { code } = await program.ended
  const { stdout: text, stderr } = program
  return { code, text, stderr, lines: text.split('\n').filter((line) => line !== '') }
}

export const doctor = (t: Test, surroundings?: Surroundings): Promise<Seen> =>
  seenBy(startDoctor(t, surroundings))

/** A trunk and a keyed agent, as in production; what the agent's vendor is, is told by its URL. */
export const production = (domain: string, restUrl: string): Readonly<Record<string, string>> => ({
  EXOLVE_SIP_USER: USER,
  EXOLVE_SIP_PASS: PASSWORD,
  EXOLVE_SIP_DOMAIN: domain,
  ELEVENLABS_API_KEY: KEY,
  ELEVENLABS_AGENT_ID: AGENT,
  ELEVENLABS_BASE_URL: restUrl,
  ELEVENLABS_WS_URL: restUrl.replace('http', 'ws'),
  DIAL_ALLOW_PREFIXES: '+49',
})

export function hasNoSecret(t: Test, { text, stderr }: Pick<Seen, 'text' | 'stderr'>): void {
  for (const secret of [USER, PASSWORD, KEY, AGENT]) t.notOk((text + stderr).includes(secret))
}
