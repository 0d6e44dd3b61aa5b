// The vendor's own client in a process of its own, which trusts the certificate that it was started with: a line of JSON
// on stdin names a method and its request, a line on stdout says what came of it.
import { createInterface } from 'node:readline'

interface Asked {
  readonly group: string
  readonly method: string
  readonly request: unknown
}

type Method = (request: unknown) => Promise<unknown>
interface Client {
  onReady?: () => void
}

const [host, pathToCredentials] = process.argv.slice(2)
if (host === undefined || pathToCredentials === undefined)
  throw new Error('usage: vendor-client-child.ts HOST KEY_FILE')

// Its types describe what it makes of answers, not what it is given here.
const { default: exported } = (await import('@voximplant/apiclient-nodejs')) as unknown as {
  default: { default: new (parameters: object) => Client }
}
const client = new exported.default({ pathToCredentials, host })
await new Promise<void>((resolve) => (client.onReady = resolve))
process.stdout.write('{"ready":true}\n')

for await (const line of createInterface(process.stdin)) {
  const { group, method, request } = JSON.parse(line, datesOf) as Asked
  const methods = Reflect.get(client, group) as Readonly<Record<string, Method>>
  const outcome = await methods[method]!(request).then(
    (resolved) => ({ resolved }),
    (error: unknown) => ({ rejected: String(error) }),
  )
  process.stdout.write(`${JSON.stringify(outcome)}\n`)
}

/** The client takes dates. */
function datesOf(_name: string, value: unknown): unknown {
  const isDate = typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value)
  return isDate ? new Date(value) : value
}
