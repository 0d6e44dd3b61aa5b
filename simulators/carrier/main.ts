// The simulated carrier as a program: prints its address and the ladder of every call.
import { parseArgs } from 'node:util'
import { startCarrier, type Carrier, type CarrierCallRecord, type PhoneHabit } from './index.ts'
import { DIALLED_BEHAVIOURS, NAMED_SCRIPTS, type ScriptName } from './named-scripts.ts'

const PRINT_EVERY_MS = 200

const { values: flags } = parseArgs({
  options: {
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '0' },
    'record-route': { type: 'boolean', default: false },
    call: { type: 'string' },
    from: { type: 'string', default: '+4930900000' },
    script: { type: 'string', default: 'callerTalks' },
    habits: { type: 'string', default: '[]' },
  },
})

const print = (line: string): void => void process.stdout.write(`${line}\n`)

function isScriptName(name: string): name is ScriptName {
  return Object.hasOwn(NAMED_SCRIPTS, name)
}

function printCall(call: CarrierCallRecord): void {
  print(`\n${call.direction} call, script ${call.script}, final status ${String(call.finalStatus)}`)
  for (const { at, direction, startLine, repeated } of call.messages) {
    const arrow = direction === 'sent' ? '▶' : '◀'
    const offset = Math.round(at - call.inviteAt)
    print(`${offset.toString().padStart(8)} ms ${arrow} ${startLine}${repeated ? ' (again)' : ''}`)
  }
  const { packets, lost, gaps } = call.rtpIn
  print(
    `RTP heard: ${packets} packets, ${lost} lost, ${gaps.length} gaps; sent: ${call.rtpOut.packets}`,
  )
  const { roundTripMs, farEnd } = call.rtcp
  if (farEnd) {
    const jitter = `${farEnd.jitterMs.toFixed(1)} ms jitter`
    print(
      `RTCP: the other side lost ${farEnd.lost}, ${jitter}, round trip ${String(roundTripMs)} ms`,
    )
  }
  for (const complaint of call.protocolErrors) print(`protocol error: ${complaint}`)
}

function printEndedCalls(carrier: Carrier): NodeJS.Timeout {
  const printed = new WeakSet<CarrierCallRecord>()
  return setInterval(() => {
    for (const call of carrier.calls) {
      if (call.endedAt === null || printed.has(call)) continue
      printed.add(call)
      printCall(call)
    }
  }, PRINT_EVERY_MS)
}

const carrier = await startCarrier({
  host: flags.host,
  port: Number(flags.port),
  recordRoute: flags['record-route'],
  // Whoever types it by hand sees at once when it is wrong.
  habits: JSON.parse(flags.habits) as PhoneHabit[],
})
const { host, port } = carrier.address
print(`carrier at sip:${host}:${port} (UDP); the last two digits dialled choose what happens:`)
for (const { lastDigits, meaning } of DIALLED_BEHAVIOURS) print(`  …${lastDigits}  ${meaning}`)
print('  others answer and talk')

const printing = printEndedCalls(carrier)
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    clearInterval(printing)
    void carrier.close()
  })
}

if (flags.call !== undefined) {
  if (!isScriptName(flags.script)) throw new Error(`no script is called ${flags.script}`)
  await carrier.call({ to: flags.call, from: flags.from, script: flags.script })
}
