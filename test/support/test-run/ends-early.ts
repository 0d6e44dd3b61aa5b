// As a file of tests does that takes its process with it.
import t from 'tap'

t.test('goes', async (t) => {
  t.pass('so far')
  process.exit(3)
})
