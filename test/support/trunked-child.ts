// The product as a process of its own, configured as in production, between a carrier and an agent that the test holds.
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Test } from 'tap'
import { startCarrier, type Carrier, type PhoneScript } from '../../simulators/carrier/index.ts'
import { startElevenLabs, type ElevenLabsSimulator } from '../../simulators/elevenlabs/index.ts'
import { startChild, type ChildProduct } from './child-product.ts'
import { eventually, temporaryFolder } from './process.ts'

export interface LogLine {
  readonly msg: string
  readonly level: string
  readonly [field: string]: unknown
}

export interface RecordedCall {
  readonly call_id: string
  readonly direction: string
  readonly status: string
  readonly termination_result: string
  readonly termination_reason: string
  readonly agent_closed_at: number | null
  readonly recording_state: string | null
  readonly recording_key: string | null
}

export interface TrunkedChild {
  readonly product: ChildProduct
  readonly carrier: Carrier
  readonly agent: ElevenLabsSimulator
  readonly dataDir: string
  log(): readonly LogLine[]
  logged(msg: string): Promise<LogLine>
  /** Waits until so many agents talk. */
  talking(count: number): Promise<void>
  /** Of a process that has ended: what is on the disk. */
  records(): readonly RecordedCall[]
}

const KEY = 'a-key-of-the-tests-that-is-long-enough'

/** Until the other side hangs up. */
export const TALKS: PhoneScript = [{ answer: true }, { untilHangUp: 60_000 }]

export async function startTrunkedChild(
  t: Test,
  env: Readonly<Record<string, string>> = {},
): Promise<TrunkedChild> {
  const carrier = await startCarrier()
  t.teardown(() => carrier.close())
  carrier.script('*', TALKS)
  const agent = await startElevenLabs({ apiKey: KEY })
  t.teardown(() => agent.close())
  const dataDir = temporaryFolder(t, 'data')
  const { host, port } = carrier.address
  const product = await startChild(t, {
    dataDir,
    env: {
      API_KEY: KEY,
      ELEVENLABS_API_KEY: KEY,
      ELEVENLABS_AGENT_ID: 'agent_under_test',
      ELEVENLABS_BASE_URL: agent.restUrl,
      ELEVENLABS_WS_URL: agent.wsUrl,
      EXOLVE_SIP_USER: '4930555100',
      EXOLVE_SIP_PASS: 'a-password',
      EXOLVE_SIP_DOMAIN: `${host}:${port}`,
      DIAL_ALLOW_PREFIXES: '+49',
      RECORD_CALLS: 'always',
      LOG_LEVEL: 'info',
      ...env,
    },
  })
  const log = (): readonly LogLine[] => linesOf(product.program.stdout)
  return {
    product,
    carrier,
    agent,
    dataDir,
    log,
    logged: (msg) =>
      eventually(`the log line: ${msg}`, 5000, () => log().find((line) => line.msg === msg)),
    talking: async (count) => {
      await eventually(`${count} agents that talk`, 10_000, () => {
        const open = agent.sessions.filter(({ closedAt }) => closedAt === null)
        return open.filter(({ sentAudioBytes }) => sentAudioBytes > 0).length === count
      })
    },
    records: () => recordsIn(dataDir),
  }
}

/** The banner stands between them. */
export const linesOf = (stdout: string): readonly LogLine[] =>
  stdout
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => JSON.parse(line) as LogLine)

/** What is on the disk, once nobody has it open. */
export function recordsIn(dataDir: string): readonly RecordedCall[] {
  const database = new DatabaseSync(join(dataDir, 'voicegate.sqlite'), { readOnly: true })
  try {
    const rows = database.prepare('select * from calls order by created_at').all()
    return rows as unknown as RecordedCall[]
  } finally {
    database.close()
  }
}
