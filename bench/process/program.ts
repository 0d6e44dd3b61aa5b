// The parent's side of a bench program: a child process of its own, so that what is measured shares no thread, heap or
// garbage collector with what loads it.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { pinned } from './pinning.ts'
import type { Answer, Commands, Question } from './serve.ts'

export interface ProgramOptions {
  /** Keep the program on that core. */
  readonly core?: number
  /** Write a CPU profile of each of its threads there. */
  readonly profileDir?: string
}

const ASK_WITHIN_MS = 60_000
/** A profile of a minute takes a while to write. */
const STOP_WITHIN_MS = 15_000

export class Program<C extends Commands> {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>()
  #asked = 0
  #exited: Promise<unknown>

  constructor(file: string, options: ProgramOptions) {
    const profile =
      options.profileDir === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${options.profileDir}`]
    const path = fileURLToPath(new URL(`../${file}`, import.meta.url))
    const node = [process.execPath, '--disable-warning=ExperimentalWarning', ...profile, path]
    const [command = '', ...args] = pinned(node, options.core)
    // IPC by structured clone: typed arrays pass, NaN stays NaN.
    this.#child = spawn(command, args, {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      serialization: 'advanced',
    })
    this.#child.on('message', (answer: Answer) => this.#answered(answer))
    this.#exited = once(this.#child, 'exit').then(() => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`${file} ended`))
    })
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  async ask<N extends keyof C & string>(
    name: N,
    ...argument: Parameters<C[N]>
  ): Promise<Awaited<ReturnType<C[N]>>> {
    const id = (this.#asked += 1)
    const answered = Promise.withResolvers<unknown>()
    this.#waiting.set(id, answered)
    const late = setTimeout(
      () => answered.reject(new Error(`${name} took longer than ${ASK_WITHIN_MS} ms`)),
      ASK_WITHIN_MS,
    )
    try {
      this.#child.send({ id, name, argument: argument[0] } satisfies Question)
      return (await answered.promise) as Awaited<ReturnType<C[N]>>
    } finally {
      clearTimeout(late)
      this.#waiting.delete(id)
    }
  }

  async stop(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect()
    const stuck = setTimeout(() => this.#child.kill('SIGKILL'), STOP_WITHIN_MS)
    await this.#exited
    clearTimeout(stuck)
  }

  #answered(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id)
    if ('error' in answer) waiting?.reject(new Error(answer.error))
    else waiting?.resolve(answer.value)
  }
}

/** Runs `use` with programs started for it, and ends them whatever happens. */
export async function withPrograms<T>(
  use: (
    start: <C extends Commands>(file: string, options?: ProgramOptions) => Program<C>,
  ) => Promise<T>,
): Promise<T> {
  const started: Program<Commands>[] = []
  try {
    return await use((file, options = {}) => {
      const program = new Program(file, options)
      started.push(program)
      return program
    })
  } finally {
    await Promise.all(started.map((program) => program.stop()))
  }
}
