// The product as one would run it, its configuration full of planted secrets, and all that it says and asks for kept.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Test } from 'tap'
import { startElevenLabs, type ElevenLabsSimulator } from '../../simulators/elevenlabs/index.ts'
import { bareEnvironment, startProgram, temporaryFolder, type RunningProgram } from './process.ts'
import { NUMBERS, planted, SECRETS, WORDS } from './planted.ts'
import { openRecordingProxy, type RecordingProxy } from './recording-proxy.ts'

export const DEFAULT_AGENT = 'agent_planted'

/** What the product talks to beside its trunk. */
interface Surroundings {
  readonly agent: ElevenLabsSimulator
  /** In front of the agent and of the tool server. */
  readonly proxies: readonly RecordingProxy[]
  readonly env: Readonly<Record<string, string>>
}

export async function plantSurroundings(t: Test): Promise<Surroundings> {
  const agent = await startElevenLabs({ apiKey: SECRETS.vendorKey })
  t.teardown(() => agent.close())
  const vendor = await openRecordingProxy(t, Number(new URL(agent.restUrl).port))
  const tools = await openRecordingProxy(t, await openToolServer(t))
  return {
    agent,
    proxies: [vendor, tools],
    env: {
      API_KEY: SECRETS.apiKey,
      ELEVENLABS_API_KEY: SECRETS.vendorKey,
      ELEVENLABS_AGENT_ID: DEFAULT_AGENT,
      ELEVENLABS_BASE_URL: `http://127.0.0.1:${vendor.port}`,
      ELEVENLABS_WS_URL: `ws://127.0.0.1:${vendor.port}`,
      TOOL_SERVER_URL: `http://127.0.0.1:${tools.port}/tools`,
      TOOL_SERVER_SECRET: SECRETS.toolSecret,
      AGENT_FALLBACK_MESSAGE: WORDS.fallback,
      EXOLVE_SIP_USER: 'acct7731',
      EXOLVE_SIP_PASS: SECRETS.trunkPassword,
      DIAL_ALLOW_PREFIXES: '+49',
      RECORD_CALLS: 'always',
      LOG_LEVEL: 'debug',
      NODE_OPTIONS: `--import=${join(import.meta.dirname, 'planted-defect.ts')}`,
    },
  }
}

/** Fails in turn: by status, by breaking the connection; then answers. */
async function openToolServer(t: Test): Promise<number> {
  let asked = 0
  const server = createServer((request, response) => {
    asked += 1
    request.resume()
    if (asked === 2) request.socket.destroy()
    else {
      response.statusCode = asked === 1 ? 500 : 200
      response.end(JSON.stringify({ result: `${NUMBERS.inToolAnswer} ${WORDS.toolParameter}` }))
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.closeAllConnections())
  t.teardown(() => server.close())
  return (server.address() as AddressInfo).port
}

const FLAG = '--disable-warning=ExperimentalWarning'

/** Another program of the project (`doctor/main.ts`), configured alike. */
export function runPlanted(
  t: Test,
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): RunningProgram {
  const program = join(import.meta.dirname, '../..', file)
  return startProgram(t, [process.execPath, FLAG, program, ...args], {
    cwd: temporaryFolder(t, 'cwd'),
    env: { ...bareEnvironment(), DATA_DIR: temporaryFolder(t, 'data'), ...env },
  })
}

/** Nothing planted in what a program wrote. */
export const plantedInOutput = (what: string, program: RunningProgram): string[] => [
  ...planted(`${what} stdout`, program.stdout),
  ...planted(`${what} stderr`, program.stderr),
]
