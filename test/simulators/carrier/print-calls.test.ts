// What the carrier tells at a terminal goes on however long it runs.
import t from 'tap'
import { epochMs } from '../../../core/contracts/index.ts'
import { startCarrier } from '../../../simulators/carrier/index.ts'
import { printCalls } from '../../../simulators/carrier/print-calls.ts'
import { eventually } from '../../support/process.ts'

t.test('each REGISTER is told once, also when the oldest are forgotten', async (t) => {
  const carrier = await startCarrier()
  t.teardown(() => carrier.close())
  const lines: string[] = []
  const printing = printCalls(carrier, (line) => lines.push(line))
  t.teardown(() => printing.stop())
  const { attempts } = carrier.registrar
  const register = (user: string): void => {
    attempts.push({ at: epochMs(0), user, status: 200 })
    if (attempts.length > 1000) attempts.shift()
  }
  for (let index = 0; index < 1000; index += 1) register(`${index}`)
  await eventually('all of them', 5000, () => lines.length === 1000)
  register('the next')
  printing.stop()
  t.same([lines.length, lines.at(-1)], [1001, 'REGISTER of the next: 200'])
})
