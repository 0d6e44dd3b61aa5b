// Programs that a test starts: their words kept, their end awaited, nothing left running when the test is over.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'

export interface RunningProgram {
  readonly pid: number
  /** Everything it wrote so far. */
  readonly stdout: string
  readonly stderr: string
  /** How it ended. */
  readonly ended: Promise<ProgramEnd>
  signal(name: NodeJS.Signals): void
}

export interface ProgramEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface ProgramOptions {
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  /** In a process group of its own. */
  readonly detached?: boolean
}

/**
 * An environment in which nothing of this process's says how a program behaves: where it finds others, where its
 * temporary files go, and what Node keeps compiled; without that a start of the product costs a core a second more.
 */
export function bareEnvironment(): NodeJS.ProcessEnv {
  const { PATH = '', TMPDIR, NODE_COMPILE_CACHE } = process.env
  return {
    PATH,
    ...(TMPDIR !== undefined && { TMPDIR }),
    ...(NODE_COMPILE_CACHE !== undefined && { NODE_COMPILE_CACHE }),
  }
}

/** Starts a program; the end of the test kills it if it still runs. */
export function startProgram(
  t: Pick<Test, 'teardown'>,
  command: readonly [string, ...string[]],
  options: ProgramOptions = {},
): RunningProgram {
  const [file, ...args] = command
  const child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  const program = new SpawnedProgram(child)
  t.teardown(async () => {
    if (options.detached === true) killGroup(program.pid)
    else program.signal('SIGKILL')
    await program.ended
  })
  return program
}

/** With whatever it has started in its turn. */
function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    const isGone = error instanceof Error && 'code' in error && error.code === 'ESRCH'
    if (!isGone) throw error
  }
}

class SpawnedProgram implements RunningProgram {
  readonly ended: Promise<ProgramEnd>
  readonly #child: ChildProcess
  #stdout = ''
  #stderr = ''

  constructor(child: ChildProcess) {
    this.#child = child
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.#stdout += text))
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text))
    this.ended = once(child, 'close').then(([code, signal]) => ({
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
    }))
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  get stdout(): string {
    return this.#stdout
  }

  get stderr(): string {
    return this.#stderr
  }

  signal(name: NodeJS.Signals): void {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill(name)
  }
}

/** Options of a test that needs this program: skipped by name where it is missing. */
export const needs = (program: string, debianPackage: string): { readonly skip?: string } =>
  spawnSync(program, ['-h'], { timeout: 5000 }).error === undefined
    ? {}
    : { skip: `${program} is not installed (apt-get install ${debianPackage})` }

/** A folder of the test's own, removed with it. */
export function temporaryFolder(t: Pick<Test, 'teardown'>, name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `voicegate-${name}-`))
  t.teardown(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}

export async function freeUdpPort(host = '127.0.0.1'): Promise<number> {
  const socket = createSocket('udp4').bind(0, host)
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  return port
}

export async function isFreeForUdp(port: number, host = '127.0.0.1'): Promise<boolean> {
  const socket = createSocket('udp4')
  try {
    return await new Promise<boolean>((resolve) => {
      socket.once('error', () => resolve(false))
      socket.bind(port, host, () => resolve(true))
    })
  } finally {
    socket.close()
  }
}

/** Whether a program has this IPv4 port by now, as Linux tells it. Trying to bind it would take it from a program that is about to. */
export async function hasUdpListener(port: number, host = '127.0.0.1'): Promise<boolean> {
  // Linux writes the address in the order of the processor's bytes.
  const bytes = host.split('.').map((part) => Number(part).toString(16).padStart(2, '0'))
  const local = `${bytes.toReversed().join('')}:${port.toString(16).padStart(4, '0')}`.toUpperCase()
  return (await readFile('/proc/net/udp', 'latin1')).includes(` ${local} 00000000:0000 `)
}

export async function freeTcpPort(host = '127.0.0.1'): Promise<number> {
  const server = createServer().listen(0, host)
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' ? (address?.port ?? 0) : 0
}

/** Whoever has waited long can wait a tenth more: what is asked for costs the product a request, and others wait, too. */
const pauseMs = (waitedMs: number): number => Math.min(200, Math.max(15, waitedMs / 10))

/** Shorter waits say how prompt a thing must be. Longer ones say when to give up: a busy machine gets more. */
const PATIENT_FROM_MS = 3000
const PATIENCE_MS = 20_000

/** Polls until the value is there. @throws Error that says what was waited for. */
export async function eventually<T>(
  what: string,
  timeoutMs: number,
  look: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  const mostMs = timeoutMs < PATIENT_FROM_MS ? timeoutMs : Math.max(timeoutMs, PATIENCE_MS)
  const since = performance.now()
  for (;;) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    const waitedMs = performance.now() - since
    if (waitedMs > mostMs) throw new Error(`waited ${mostMs} ms for ${what}`)
    await sleep(pauseMs(waitedMs))
  }
}
