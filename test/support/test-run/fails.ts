// As a file of tests with a fault does.
import t from 'tap'

t.test('two and two', async (t) => {
  t.equal(2 + 2, 5)
  t.equal(2 + 2, 4)
})
