// As a file of tests does whose promise fails where nobody looks.
import t from 'tap'

t.test('goes on', async (t) => {
  void Promise.reject(new Error('nobody looked at this'))
  await new Promise((resolve) => setTimeout(resolve, 200))
  t.pass('too late')
})
