import { join } from 'node:path'
import t from 'tap'
import { eventually, startProgram } from '../support/process.ts'

const CHILD = join(import.meta.dirname, '../support/hanging-child.ts')

async function startHanging(t: Parameters<typeof startProgram>[0], ...where: string[]) {
  const flag = '--disable-warning=ExperimentalWarning'
  const child = startProgram(t, [process.execPath, flag, CHILD, ...where])
  await eventually('it to run', 10_000, () => child.stdout.includes('hangs from here on'))
  return child
}

t.test('a stop that hangs is ended by the watchdog, which names what hung', async (t) => {
  const child = await startHanging(t)
  const signalledAt = performance.now()
  child.signal('SIGTERM')
  t.match(await child.ended, { code: 1, signal: null }, child.stderr)
  t.ok(performance.now() - signalledAt < 3000, 'though a thread is in a system call')
  t.match(child.stdout, /"closing":"media","msg":"stopping hangs/)
})

t.test('a start that hangs does not wait for calls', async (t) => {
  const child = await startHanging(t, 'starts')
  child.signal('SIGTERM')
  await eventually('its end', 3000, () => child.stdout.includes('stopping hangs'))
  t.match(await child.ended, { code: 1, signal: null }, child.stderr)
})

t.test('SIGHUP where there is no terminal, as under nohup, ends nothing', async (t) => {
  const child = await startHanging(t)
  child.signal('SIGHUP')
  await eventually('it to be heard', 2000, () => child.stdout.includes('"signal":"SIGHUP"'))
  t.match(child.stdout, /ignored: there is no terminal/)
  t.notMatch(child.stdout, /"stopping"/)
})
