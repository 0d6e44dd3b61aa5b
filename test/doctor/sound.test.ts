// What the doctor says about recordings, the fallback message and the tool server.
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import t from 'tap'
import { compileConfig } from '../../core/config/index.ts'
import { createLogger } from '../../core/telemetry/index.ts'
import { sound } from '../../doctor/checks/sound.ts'

async function examined(settings: Record<string, string>) {
  const compiled = compileConfig(settings, {})
  if ('problems' in compiled) throw new Error(JSON.stringify(compiled.problems))
  const patient = { config: compiled.config, logger: createLogger('silent'), isRunning: false }
  return sound.run(patient)
}
const SECRET = { TOOL_SERVER_SECRET: 'planted-tool-secret' }

t.test('with nothing set it says what happens then', async (t) => {
  t.match(await examined({}), [
    { verdict: 'info', seen: 'recordings: always (RECORD_CALLS)' },
    { verdict: 'info', seen: /callers hear nothing when the agent fails/ },
  ])
})

t.test('a file that cannot be played, and a tool server that is away, are told', async (t) => {
  const findings = await examined({
    AGENT_FALLBACK_MESSAGE: '/nowhere/sorry.wav',
    TOOL_SERVER_URL: 'http://127.0.0.1:9/tools?token=planted',
    ...SECRET,
  })
  t.match(findings.slice(1), [
    { verdict: 'fail', seen: /^AGENT_FALLBACK_MESSAGE: .*does not exist/, todo: /./ },
    { verdict: 'fail', seen: /ECONNREFUSED/, todo: /TOOL_SERVER_URL/ },
  ])
  t.notMatch(JSON.stringify(findings), /planted/)
})

t.test('a tool server that listens is enough: no tool is asked', async (t) => {
  const server = createServer((socket) => {
    socket.on('data', () => t.fail('something was asked'))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const findings = await examined({ TOOL_SERVER_URL: `http://127.0.0.1:${port}/`, ...SECRET })
  t.match(findings.at(-1), { verdict: 'ok', seen: /takes connections/ })
})
