// A scenario harms nobody but itself: no way out of its context, and an end to whatever it does not end itself.
import t from 'tap'
import { play } from './engine-run.ts'

/** Each gives its result as text, or says which error it met. */
const ATTEMPTS: Readonly<Record<string, string>> = {
  process: 'typeof process',
  'Node’s globals': '[typeof Buffer, typeof fetch, typeof setImmediate, typeof parentPort].join()',
  'code from text': 'Function("return 1")()',
  eval: 'eval("1 + 1")',
  'the constructor of the global': 'this.constructor.constructor("return process")()',
  'the constructor of a function': 'VoxEngine.terminate.constructor("return process")()',
  'the constructor of a result': 'VoxEngine.customData.constructor("return process")()',
  'the constructor of an error':
    '(() => { try { VoxEngine.customData("x".repeat(201)) } catch (e) { return e.constructor.constructor("return process")() } })()',
  'the constructor of an error of depth':
    '(() => { const deep = () => { try { return deep() } catch (e) { return e.constructor.constructor("return process")() } }; return deep() })()',
  'the depth of the bridge':
    '(() => { const found = []; const deep = () => { try { VoxEngine.customData(); deep() } catch (e) { if (!(e instanceof Error)) found.push(e); throw e } }; try { deep() } catch (e) { if (!(e instanceof Error)) found.push(e) } return found.length })()',
  'what is thrown by toString': 'Logger.write({ toString() { throw new Error("mine") } })',
  'frames of the stack':
    '(() => { Error.prepareStackTrace = (_e, frames) => String(frames.every((f) => [undefined, globalThis].includes(f.getThis()))); try { return String(new Error("x").stack) } finally { delete Error.prepareStackTrace } })()',
}

t.test('no way out', async (t) => {
  const script = Object.entries(ATTEMPTS)
    .map(([name, code]) => {
      return `try { Logger.write(${JSON.stringify(name)} + ': ' + (${code})) } catch (e) {
        Logger.write(${JSON.stringify(name)} + ': ' + (e instanceof Error) + ' ' + e.name)
      }`
    })
    .join('\n')
  // To the end of a stack, twice, takes a busy machine more than the vendor's second.
  const session = play(t, `${script}\nVoxEngine.terminate()`, { callbackMs: 20_000 })
  await session.over
  const found = new Map(session.log.map((line) => line.split(/: (.*)/s, 2) as [string, string]))
  t.strictSame(Object.fromEntries(found), {
    process: 'undefined',
    'Node’s globals': 'undefined,undefined,undefined,undefined',
    'code from text': 'true EvalError',
    eval: 'true EvalError',
    'the constructor of the global': 'true EvalError',
    'the constructor of a function': 'true EvalError',
    'the constructor of a result': 'true EvalError',
    'the constructor of an error': 'true EvalError',
    'the constructor of an error of depth': found.get('the constructor of an error of depth'),
    'the depth of the bridge': '0',
    'what is thrown by toString': 'true Error',
    'frames of the stack': 'true',
  })
  t.match(found.get('the constructor of an error of depth'), /^true (EvalError|RangeError)$/)
})

t.test('import is refused before anything runs', async (t) => {
  const session = play(t, `Logger.write('ran'); import('node:fs').catch((e) => e)`)
  t.match(await session.over, { finishReason: 'JS session error' })
  t.match(session.log, [/cannot import/])
  t.notOk(session.log.includes('ran'))
})

const RUINS: Readonly<Record<string, string>> = {
  'a script that does not parse': 'this is not a script',
  'a script that throws': 'throw new Error("at once")',
  'a handler that throws':
    'VoxEngine.addEventListener(AppEvents.Started, () => { throw new Error("in it") })',
  'a handler that is no function': 'VoxEngine.addEventListener(AppEvents.Started, 7)',
  'a loop': 'VoxEngine.addEventListener(AppEvents.Started, () => { for (;;); })',
  'a loop of promises':
    'VoxEngine.addEventListener(AppEvents.Started, async () => { for (;;) await null })',
  'a timer that throws': 'setTimeout(() => { throw new Error("late") }, 10)',
}

for (const [what, script] of Object.entries(RUINS)) {
  t.test(`${what} ends its session`, async (t) => {
    const session = play(t, script)
    t.match(await session.over, { finishReason: 'JS session error' })
    t.match(session.log[0], /^Error: /)
  })
}

t.test('a rejection that nobody handles is written down, and the session goes on', async (t) => {
  const session = play(
    t,
    `Promise.reject(new Error('left alone'))
    setTimeout(() => VoxEngine.terminate(), 100)`,
  )
  t.match(await session.over, { finishReason: 'Normal termination' })
  t.match(session.log, [/Unhandled rejection: Error: left alone/])
})

t.test('the limits of a session are errors of its own', async (t) => {
  const session = play(
    t,
    `const told = (act) => { try { act() } catch (e) { Logger.write(e.message) } }
    told(() => VoxEngine.customData('ä'.repeat(101)))
    VoxEngine.customData('ä'.repeat(100))
    Logger.write(String(VoxEngine.customData().length))
    told(() => { for (let i = 0; i < 101; i += 1) setTimeout(() => {}, 1000) })
    Logger.write(String(VoxEngine.getSecretValue('A_SECRET')))
    Logger.write(String(VoxEngine.getSecretValue('ANOTHER')))
    Logger.write(Crypto.hmac_sha256('key', 'text'))
    VoxEngine.terminate()`,
  )
  await session.over
  t.strictSame(session.log, [
    'customData is too long',
    '100',
    'Too many timers',
    'whispered',
    'undefined',
    '6afa9046a9579cad143a384c1b564b9a250d27d6f6a63f9f20bf3a7594c9e2c6',
  ])
})
