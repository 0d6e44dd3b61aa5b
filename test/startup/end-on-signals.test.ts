import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { eventually, startProgram, temporaryFolder } from '../support/process.ts'

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

const RELOADING = join(import.meta.dirname, '../support/reloading-child.ts')
const NODE = [process.execPath, '--disable-warning=ExperimentalWarning'] as const

/** What the child wrote so far. */
function diary(t: Parameters<typeof startProgram>[0]) {
  const file = join(temporaryFolder(t, 'signals'), 'diary')
  const read = (): string => (existsSync(file) ? readFileSync(file, 'utf8') : '')
  return {
    file,
    read,
    has: (word: string) => eventually(word, 10_000, () => read().includes(`${word}\n`)),
    times: (word: string) => read().split(`${word}\n`).length - 1,
    pid: () => Number(/^runs (\d+)$/m.exec(read())?.[1]),
  }
}

t.test('SIGHUP where something can be read again does that, as often as it comes', async (t) => {
  const { file, has, read, times } = diary(t)
  const child = startProgram(t, [...NODE, RELOADING, file, 'reloads'])
  await has('ready')
  child.signal('SIGHUP')
  await eventually('one', 3000, () => times('reloaded') === 1)
  child.signal('SIGHUP')
  await eventually('two', 3000, () => times('reloaded') === 2)
  t.notMatch(read(), /stopped/)
  child.signal('SIGTERM')
  t.match(await child.ended, { code: 0 }, child.stderr)
})

t.test('SIGHUP before it is ready is done once it is', async (t) => {
  const { file, has, times } = diary(t)
  const child = startProgram(t, [...NODE, RELOADING, file, 'reloads', 'slow'])
  await has('runs ' + String(child.pid))
  child.signal('SIGHUP')
  await has('ready')
  t.equal(times('reloaded'), 1)
  t.match(child.stdout, /read again once it started/)
  child.signal('SIGTERM')
  await child.ended
})

/** A terminal of its own for a program; killing it closes the terminal. */
function inTerminal(t: Parameters<typeof startProgram>[0], command: readonly string[]) {
  const line = command.map((word) => `'${word}'`).join(' ')
  const terminal = spawn('script', ['-qfc', `exec ${line}`, '/dev/null'], { stdio: 'ignore' })
  t.teardown(() => terminal.kill('SIGKILL'))
  return terminal
}

for (const reloads of [true, false])
  t.test(
    `a closed terminal ${reloads ? 'makes it read again, and it runs on' : 'stops it'}`,
    async (t) => {
      const { file, has, pid, read } = diary(t)
      const words = reloads ? ['reloads'] : []
      const terminal = inTerminal(t, [...NODE, RELOADING, file, ...words])
      await has('ready')
      t.teardown(() => {
        if (isAlive(pid())) process.kill(pid(), 'SIGKILL')
      })
      terminal.kill('SIGKILL')
      await has(reloads ? 'reloaded' : 'stopped')
      if (!reloads) {
        await eventually('its end', 3000, () => !isAlive(pid()))
        t.notMatch(read(), /reloaded/)
        return
      }
      process.kill(pid(), 'SIGTERM')
      await has('stopped')
      t.notMatch(read(), /stopped\n[^]*reloaded/)
    },
  )

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    // There is none of that number.
    return false
  }
}
