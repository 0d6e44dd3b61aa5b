// As a file of tests does whose code throws where nobody waits for it.
import t from 'tap'

t.test('goes on', async (t) => {
  setTimeout(() => {
    throw new Error('nobody caught this')
  }, 1)
  await new Promise((resolve) => setTimeout(resolve, 200))
  t.pass('too late')
})
