import t from 'tap'
import { createLogger } from '../../../core/telemetry/index.ts'

t.test('personal values and secrets never reach the log', async (t) => {
  const lines: string[] = []
  const logger = createLogger('info', { write: (line) => void lines.push(line) })
  logger.child({ callId: 'call_1' }).info(
    {
      pii: { caller: '+4930999888' },
      apiKey: 'planted',
      req: { headers: { authorization: 'Bearer planted' } },
    },
    'a call',
  )
  logger.info({ call: { pii: { text: '+4930999888' }, secret: 'planted' } }, 'nested')
  const log = lines.join('')
  t.notMatch(log, /999888|planted/)
  t.match(log, /"callId":"call_1"/)
  t.match(log, /\[redacted\]/)
})
