// The seeded system by hand: serves until Ctrl-C, and prints where it is and with which keys.
//   node test/support/browser/serve.ts [--sign-in] [--port N] [--calls N] [--console FOLDER]
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { ProgramScope } from './scope.ts'
import { openSeededSystem } from './seeded-system.ts'

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      'sign-in': { type: 'boolean', default: false },
      port: { type: 'string', default: '0' },
      calls: { type: 'string', default: '300' },
      console: { type: 'string' },
    },
  })
  const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  const scope = new ProgramScope()
  try {
    const began = performance.now()
    const system = await openSeededSystem(scope, {
      signIn: values['sign-in'],
      port: Number(values.port),
      calls: Number(values.calls),
      menu: true,
      ...(values.console === undefined ? {} : { console: values.console }),
    })
    const { url, keys, calls, menuCalls, webhooks } = system
    const seconds = Math.round((performance.now() - began) / 100) / 10
    const facts = { url, ready_after_seconds: seconds, keys, calls, menuCalls, webhooks }
    process.stdout.write(`${JSON.stringify(facts, null, 2)}\nCtrl-C ends it.\n`)
    await stopped
  } finally {
    await scope.close()
  }
}

await main()
