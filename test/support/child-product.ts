// The product as a process of its own, as `npm start` runs it: for signals, crashes, and what it prints.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import {
  bareEnvironment,
  eventually,
  startProgram,
  temporaryFolder,
  type RunningProgram,
} from './process.ts'
import { ProductView } from './product-view.ts'

export interface ChildOptions {
  /** Kept from one start to the next; a new folder by default. */
  readonly dataDir?: string
  readonly env?: Readonly<Record<string, string>>
  /** Text of the `.env` file beside it. */
  readonly envFile?: string
  /** Dialled instead of the simulated carrier: `host:port`; more, parted by commas, are trunks `test-2` and so on. */
  readonly trunkDomain?: string
}

export interface ChildProduct {
  readonly program: RunningProgram
  readonly view: ProductView
  readonly sipUri: string
  /** `host:port` for SIPp. */
  readonly sipTarget: string
  /** The line it prints to try. */
  readonly curl: string
  /** SIGKILL, and gone. */
  kill(): Promise<void>
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>
}

const MAIN = join(import.meta.dirname, '../../main.ts')
const TRUNK_CHILD = join(import.meta.dirname, 'trunk-child.ts')
const START_MS = 20_000

/** Starts `node main.ts` in an empty folder, with nothing of this process's environment but what it needs to run. */
export function runMain(t: Test, options: ChildOptions = {}): RunningProgram {
  const cwd = temporaryFolder(t, 'cwd')
  if (options.envFile !== undefined) writeFileSync(join(cwd, '.env'), options.envFile)
  const env = {
    ...bareEnvironment(),
    HTTP_PORT: '0',
    SIP_LISTEN: 'udp:127.0.0.1:0',
    DATA_DIR: options.dataDir ?? temporaryFolder(t, 'data'),
    MAX_OUTBOUND_CALLS_PER_SECOND: '1000',
    LOG_LEVEL: 'warn',
    ...options.env,
  }
  const program = options.trunkDomain === undefined ? [MAIN] : [TRUNK_CHILD, options.trunkDomain]
  const flag = '--disable-warning=ExperimentalWarning'
  const command = [process.execPath, flag, ...program] as const
  return startProgram(t, command, { cwd, env })
}

export async function startChild(t: Test, options: ChildOptions = {}): Promise<ChildProduct> {
  const program = runMain(t, options)
  let gone = false
  void program.ended.then(() => (gone = true))
  await eventually('the product to say that it is ready', START_MS, () => {
    if (gone) throw new Error(`it did not start: ${program.stderr}${program.stdout}`)
    return /^ {2}stop /m.test(program.stdout)
  })
  const line = (label: string): string =>
    new RegExp(`^ {2}${label} +(.*)$`, 'm').exec(program.stdout)?.[1] ?? ''
  const sipUri = line('call in').split(' ')[0] ?? ''
  return {
    program,
    view: new ProductView(line('API').replace('/docs', ''), options.env?.['API_KEY']),
    sipUri,
    sipTarget: sipUri.split('@')[1] ?? '',
    curl: line('try'),
    kill: async () => {
      program.signal('SIGKILL')
      await program.ended
    },
    stop: async () => {
      program.signal('SIGTERM')
      return (await program.ended).code
    },
  }
}
