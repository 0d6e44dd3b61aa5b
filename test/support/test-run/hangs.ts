// As Node does now and then: its tests are over, and it does not end.
import t from 'tap'

process.on('exit', () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0))
t.test('is over', async (t) => {
  t.pass('yes')
})
