import t from 'tap'
import { createLogger, openStandardOutput } from '../../../core/telemetry/index.ts'

/** Takes what fits; then fails as the system does. */
function build() {
  let text = ''
  const state = { room: Infinity, code: 'EAGAIN', tries: 0 }
  const output = openStandardOutput((bytes) => {
    state.tries += 1
    if (state.room <= 0) throw Object.assign(new Error('no'), { code: state.code })
    const taken = bytes.subarray(0, state.room)
    state.room -= taken.length
    text += taken.toString()
    return taken.length
  })
  return { output, state, lines: () => text.split('\n').filter((line) => line !== '') }
}

for (const code of ['EIO', 'ENOSPC', 'EPIPE', 'EBADF'])
  t.test(`${code}: lines are dropped, nothing throws or waits, and the loss is told`, async (t) => {
    const { output, state, lines } = build()
    const logger = createLogger('info', output)
    logger.info('one')
    Object.assign(state, { room: 0, code, tries: 0 })
    logger.info('two')
    logger.fatal('three')
    t.equal(state.tries, 2, 'one try a line')
    state.room = Infinity
    logger.info('four')
    t.match(
      lines().map((line) => JSON.parse(line) as unknown),
      [{ msg: 'one' }, { lines: 2, msg: 'log lines were lost' }, { msg: 'four' }],
    )
  })

t.test('a slow reader is waited for, one that sleeps only once', async (t) => {
  const { output, state, lines } = build()
  state.room = 0
  const timer = setTimeout(() => t.fail('time stands still meanwhile'), 1)
  t.teardown(() => {
    clearTimeout(timer)
  })
  const beganAt = performance.now()
  output.write('one\n')
  const waitedMs = performance.now() - beganAt
  t.ok(waitedMs >= 150 && waitedMs < 2000, `waited ${waitedMs} ms`)
  const tries = state.tries
  output.write('two\n')
  t.equal(state.tries, tries + 1)
  state.room = 70
  output.write('three, which is cut off in the middle\n')
  state.room = Infinity
  output.write('four\n')
  t.match(lines().slice(1), [/log lines were lost/, 'four'], 'on a line of their own')
})

t.test('a reader that is always slow does not hold us up for long', (t) => {
  const beganAt = performance.now()
  let nextAt = beganAt
  const output = openStandardOutput((bytes) => {
    if (performance.now() < nextAt) throw Object.assign(new Error('no'), { code: 'EAGAIN' })
    nextAt = performance.now() + 100
    return bytes.length
  })
  let heldUpMs = 0
  while (performance.now() < beganAt + 1500) {
    const wroteAt = performance.now()
    output.write('a line\n')
    const tookMs = performance.now() - wroteAt
    if (tookMs > 3) heldUpMs += tookMs
  }
  // Waiting for it each time would take all of it; some 600 here, and more where others want the processor.
  t.ok(heldUpMs < 1250, `held up for ${heldUpMs} of 1500 ms`)
  t.end()
})
