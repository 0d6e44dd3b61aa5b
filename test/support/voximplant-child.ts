// A control API for calls of Voximplant in its own process, to be killed in the middle of them. Started by the crash tests.
import { buildApp, type AppOwner } from './build-app.ts'

const [dataDir, baseUrl] = process.argv.slice(2)
if (dataDir === undefined || baseUrl === undefined)
  throw new Error('usage: voximplant-child.ts DATA_DIR BASE_URL')
const owner = { teardown: () => undefined, error: () => false } as unknown as AppOwner
const app = await buildApp(owner, {
  dataDir,
  config: {
    // A restart asks the history what became of calls: here it must not be needed.
    voximplant: { baseUrl, callTiming: { searchAfterMs: 600_000, askAfterMs: 600_000 } },
  },
})
process.stdout.write(`${app.url}\n`)
