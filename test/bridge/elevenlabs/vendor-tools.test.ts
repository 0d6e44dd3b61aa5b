import t from 'tap'
import { createVendorTools } from '../../../bridge/elevenlabs/vendor-tools.ts'

t.test('a tool that is never answered counts for 130 s', async (t) => {
  let now = 0
  const tools = createVendorTools(() => now)
  tools.began('a')
  now = 100_000
  tools.began('b')
  t.equal(tools.running(), 2)
  now = 130_001
  t.equal(tools.running(), 1)
  tools.ended('b')
  tools.ended('unknown')
  t.equal(tools.running(), 0)
  for (let n = 0; n < 1000; n += 1) tools.began(`t${n}`)
  t.equal(tools.running(), 64, 'bounded')
})
