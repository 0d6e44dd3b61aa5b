// A session of a script written in a test.
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import {
  runSession,
  type RunningSession,
  type SessionPlan,
} from '../../../simulators/voximplant/engine/index.ts'

const PACE = 0.02

export function play(t: Test, script: string, plan: Partial<SessionPlan> = {}): RunningSession {
  const session = runSession({
    script,
    sessionId: 6760041670,
    accountId: 1,
    applicationId: 2,
    ruleName: 'rule',
    customData: '',
    secrets: new Map([['A_SECRET', 'whispered']]),
    phones: () => ({ answer: 'yes', talkMs: 2000 }),
    accessUrl: 'https://session.example/request/1',
    recordUrl: (id) => `https://records.example/${id}.mp3`,
    pace: PACE,
    reach: (url) => url,
    newId: () => 7,
    ...plan,
  })
  t.teardown(async () => {
    session.terminate('Terminated administratively')
    await session.over
  })
  return session
}

/** Every event of a call under its own name. */
export const WRITE_CALL_EVENTS = `
  const watch = (call) => {
    for (const name of Object.keys(CallEvents)) {
      call.addEventListener(CallEvents[name], (e) => {
        const code = e.code || e.internalCode
        Logger.write(e.name + (code ? ' ' + code : '') + ' ' + call.state())
        if (name === 'Disconnected' || name === 'Failed') setTimeout(VoxEngine.terminate, 500)
      })
    }
    return call
  }
  for (const name of Object.keys(AppEvents)) {
    VoxEngine.addEventListener(AppEvents[name], (e) => Logger.write(e.name))
  }
`

export async function serve(t: Test, answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** An address that was free a moment ago. */
export async function nobodyAt(): Promise<string> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return `http://127.0.0.1:${port}`
}
