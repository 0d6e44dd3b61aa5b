// The product as `npm start` runs it, in a process of its own that can be killed, whole or thread by thread, and started
// again on the same data. The carrier and the agent are other processes' affair: they outlive it.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { bareEnvironment } from '../../test/support/process.ts'
import type { KillOrder } from './victim.ts'

const MAIN = join(import.meta.dirname, '../../main.ts')
const VICTIM = join(import.meta.dirname, 'victim.ts')
const START_MS = 30_000
/** A stop waits 3 s for BYEs and as long for the disk. */
const EXIT_MS = 20_000
const KEPT_LINES = 400

export class Product {
  readonly startedInMs: number
  readonly readyAt: number
  readonly #child: ChildProcess
  readonly #lines: string[]
  readonly #exited: Promise<void>

  private constructor(child: ChildProcess, lines: string[], exited: Promise<void>, since: number) {
    this.#child = child
    this.#lines = lines
    this.#exited = exited
    this.readyAt = Date.now()
    this.startedInMs = this.readyAt - since
  }

  /** @throws Error with its last words when it does not come up. */
  static async start(cwd: string, env: Readonly<Record<string, string>>): Promise<Product> {
    const since = Date.now()
    const args = ['--disable-warning=ExperimentalWarning', '--import', VICTIM, MAIN]
    const child = spawn(process.execPath, args, {
      ...{ cwd, env: { ...bareEnvironment(), ...env } },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    const lines: string[] = []
    const keep = (text: string): void => {
      lines.push(...text.split('\n').filter((line) => line !== ''))
      lines.splice(0, Math.max(0, lines.length - KEPT_LINES))
    }
    child.stdout?.setEncoding('utf8').on('data', keep)
    child.stderr?.setEncoding('utf8').on('data', keep)
    // An order that comes too late for a process that is gone.
    child.on('error', () => undefined)
    const exited = once(child, 'close').then(() => undefined)
    for (;;) {
      if (lines.some((line) => /^ {2}stop /.test(line))) break
      const isLate = Date.now() > since + START_MS
      if (!isLate && child.exitCode === null && child.signalCode === null) await sleep(5)
      else {
        child.kill('SIGKILL')
        throw new Error(`the product did not start: ${lines.join('\n')}`)
      }
    }
    return new Product(child, lines, exited, since)
  }

  /** The last lines of its log. */
  get words(): readonly string[] {
    return this.#lines
  }

  /** SIGKILL. */
  kill(): void {
    this.#child.kill('SIGKILL')
  }

  lose(order: KillOrder): void {
    this.#child.send(order)
  }

  /** Until it is gone by itself; false when it does not go. */
  async gone(): Promise<boolean> {
    const late = sleep(EXIT_MS, 'late' as const, { ref: false })
    return (await Promise.race([this.#exited, late])) !== 'late'
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM')
    if (await this.gone()) return
    this.kill()
    await this.#exited
  }
}
