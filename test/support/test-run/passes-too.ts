import t from 'tap'

t.test('two and two', async (t) => {
  t.equal(2 + 2, 4)
  await t.test('and one', async (t) => {
    t.equal(2 + 2 + 1, 5)
  })
})
