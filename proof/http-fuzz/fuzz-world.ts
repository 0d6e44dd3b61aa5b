// What the requests find: calls that run, calls that have ended, and what can be said of them.
import type { CallId, Termination } from '../../core/contracts/index.ts'
import type { BuiltApp } from '../../test/support/build-app.ts'
import type { KnownValues } from './known-values.ts'

const ENDED: Termination = {
  result: 'client_error',
  reason: 'busy',
  by: 'callee',
  sipStatus: 486,
}
const NUMBERS = ['+4930123456', '+4930555200', '+12125550123']

export async function fillWorld(app: BuiltApp, known: KnownValues): Promise<void> {
  const calls: CallId[] = []
  for (const from of NUMBERS) {
    const live = await app.control.begin({ from })
    const ended = await app.control.begin({ from, direction: 'outbound', to: '+4930123456' })
    await end(app, ended.callId)
    calls.push(live.callId, ended.callId)
  }
  known.add('call_id', ...calls, 'call_00000000000000000000000000000000')
  for (const name of ['phone_number', 'to', 'from', 'number', 'target', 'caller_id'])
    known.add(name, ...NUMBERS, 'not a number')
  // Nothing outside may be asked: where a far end is named, it is a port of this machine on which nobody listens.
  for (const name of ['url', 'callback_url', 'endpoint'])
    known.add(
      name,
      'http://127.0.0.1:1/hook',
      'https://localhost:1/hook',
      'https://[::1]:1/',
      'ftp://x',
    )
  for (const name of ['from_date', 'to_date', 'from', 'to', 'since', 'until'])
    known.add(name, '2026-04-01', '2026-04-01T00:00:00Z', '2026-02-30')
  known.add('time_zone', 'Europe/Berlin', 'UTC', 'Mars/Olympus')
  known.add('Idempotency-Key', 'one', 'two', 'three')
  known.add('idempotency-key', 'one', 'two', 'three')
}

async function end(app: BuiltApp, callId: CallId): Promise<void> {
  app.control.live.delete(callId)
  app.emit('call.ended', callId, { termination: ENDED })
  await app.recorded(callId, 1)
}
