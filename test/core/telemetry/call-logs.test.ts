// The last lines of each call: which are kept, within which bounds, and at which price.
import t from 'tap'
import { createCallLogs, createLogger } from '../../../core/telemetry/index.ts'
import { newCallId } from '../../../core/contracts/index.ts'

const nowhere = { write: () => undefined }

t.test('lines are kept by call, as they were written: masked', async (t) => {
  const written: string[] = []
  const logs = createCallLogs()
  const logger = createLogger('info', logs.before({ write: (line) => void written.push(line) }))
  const [one, other] = [newCallId(), newCallId()]
  const child = logger.child({ callId: one })
  child.info({ pii: { from: '+4930999888' } }, 'began at +4930999888')
  logger.info('of no call')
  logger.child({ part: 'sip' }).warn({ callId: other }, 'told by another')
  logger.info({ text: `"callId":"${one}"` }, 'a text is no field')
  logger.info({ callId: 'wire-id@host' }, 'an id of SIP is none of ours')
  child.debug('below the level')
  child.error({ err: new Error('it broke') }, 'ended')
  t.equal(written.length, 6, 'all pass')
  const kept = logs.of(one)
  t.same(kept?.lines, [written[0], written[5]])
  t.equal(kept?.dropped, 0)
  t.notMatch(kept?.lines.join(''), /999888/)
  t.match(JSON.parse(logs.of(other)?.lines[0] ?? ''), { msg: 'told by another', part: 'sip' })
  t.equal(logs.of(newCallId()), undefined)
})

const lineOf = (callId: string, text: string) => `${JSON.stringify({ callId, text })}\n`

t.test('a call keeps its last lines, and the last calls are kept', async (t) => {
  const logs = createCallLogs({ calls: 3, linesPerCall: 4, charsPerCall: 1000, chars: 3000 })
  const kept = logs.before(nowhere)
  const write = (line: string) => kept.write(line)
  const ids = Array.from({ length: 5 }, newCallId)
  const [first = '', second = '', third = '', fourth = '', fifth = ''] = ids
  for (let line = 0; line < 7; line += 1) write(lineOf(first, String(line)))
  t.same(
    logs.of(first)?.lines.map((line) => (JSON.parse(line) as { text: string }).text),
    ['3', '4', '5', '6'],
  )
  t.equal(logs.of(first)?.dropped, 3)
  write(lineOf(second, 'x'))
  write(lineOf(third, 'x'))
  write(lineOf(first, 'still there'))
  write(lineOf(fourth, 'x'))
  t.equal(logs.of(second), undefined, 'it was quiet for the longest time')
  t.ok(logs.of(first))
  for (const id of [third, fourth, fifth]) write(lineOf(id, 'y'.repeat(900)))
  t.equal(logs.of(first), undefined, 'letters are bounded too')
  t.equal(logs.of(third)?.dropped, 1)
  write(lineOf(third, 'z'.repeat(5000)))
  t.same(logs.of(third)?.lines, [], 'one line that is too long for its call leaves none')
})

t.test('the price of a line is below ten microseconds', async (t) => {
  const logs = createCallLogs()
  const kept = logs.before(nowhere)
  const write = (line: string) => kept.write(line)
  const ids = Array.from({ length: 2000 }, newCallId)
  const lines = ids.map((id) => lineOf(id, 'x'.repeat(300)))
  const count = 100_000
  const begin = process.cpuUsage()
  for (let at = 0; at < count; at += 1) write(lines[at % lines.length] ?? '')
  const { user } = process.cpuUsage(begin)
  t.ok(user / count < 10, `${(user / count).toFixed(2)} µs`)
  t.comment(`${(user / count).toFixed(2)} µs a line`)
})
