// The process that is killed: the whole control API on a data folder, whose database is read beside it.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ControlApiConfig } from '../../control-api/index.ts'
import type { AnimationRow } from '../../control-api/media-jobs/animation/animation-row.ts'

const CHILD = join(import.meta.dirname, '../../test/support/api-child.ts')
const START_MS = 60_000

export type ProductConfig = Pick<ControlApiConfig, 'media' | 'mediaTiming'>

export class Product {
  readonly #child: ChildProcess
  readonly #database: DatabaseSync
  /** Asked for again and again. */
  readonly #row: StatementSync
  readonly url: string
  words = ''

  private constructor(child: ChildProcess, dataDir: string, url: string) {
    this.#child = child
    this.url = url
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.words += text))
    this.#database = new DatabaseSync(join(dataDir, 'voicegate.sqlite'), { readOnly: true })
    this.#row = this.#database.prepare('select * from animations where task_id = ?')
  }

  static async start(dataDir: string, config: ProductConfig): Promise<Product> {
    const flag = '--disable-warning=ExperimentalWarning'
    const args = [flag, CHILD, dataDir, JSON.stringify(config)]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    const end = (): void => void child.kill('SIGKILL')
    process.once('exit', end)
    child.once('exit', () => process.off('exit', end))
    const { url } = JSON.parse(await firstLine(child)) as { readonly url: string }
    return new Product(child, dataDir, url)
  }

  /** As it stands on the disk, whether the process lives or not. */
  row(taskId: string): AnimationRow | undefined {
    return this.#row.get(taskId) as AnimationRow | undefined
  }

  all(sql: string, ...values: string[]): readonly Readonly<Record<string, unknown>>[] {
    return this.#database.prepare(sql).all(...values)
  }

  /** Lets it run for about so long, and stands still. */
  async blink(forMs: number): Promise<void> {
    this.#child.kill('SIGCONT')
    await sleep(forMs)
    this.#child.kill('SIGSTOP')
  }

  goOn(): void {
    this.#child.kill('SIGCONT')
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = once(this.#child, 'exit')
      this.#child.kill('SIGKILL')
      await ended
    }
  }

  /** Not to be read any more. */
  async close(): Promise<void> {
    await this.kill()
    this.#database.close()
  }
}

async function firstLine(child: ChildProcess): Promise<string> {
  let [out, err] = ['', '']
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (err += text))
  const deadline = performance.now() + START_MS
  while (!out.includes('\n')) {
    if (child.exitCode !== null || performance.now() > deadline) {
      child.kill('SIGKILL')
      throw new Error(`the product did not start: ${err}`)
    }
    await sleep(10)
  }
  return out
}
