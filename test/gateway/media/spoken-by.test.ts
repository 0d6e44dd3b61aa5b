// What of a trunk's codecs is ours, and what needs a media server.
import t from 'tap'
import type { Trunk } from '../../../core/contracts/index.ts'
import { beginsAnchored, needsServer, ownCodecs } from '../../../gateway/media/spoken-by.ts'

const PLAIN: Trunk = { name: 'one', domain: 'd', numbers: [] }

t.test('its codecs, as far as they are ours, in its order', async (t) => {
  const rows: [Trunk['codecs'], string[]][] = [
    [undefined, ['PCMU', 'PCMA']],
    [['PCMA'], ['PCMA']],
    [
      ['PCMA', 'PCMU'],
      ['PCMA', 'PCMU'],
    ],
    [['opus', 'PCMA', 'G722'], ['PCMA']],
    [['opus', 'G722'], []],
  ]
  for (const [codecs, ours] of rows)
    t.same(ownCodecs({ ...PLAIN, ...(codecs ? { codecs } : {}) }), ours)
})

t.test('a media server is needed for SRTP, and where no codec is ours', async (t) => {
  t.notOk(needsServer(PLAIN))
  t.ok(needsServer({ ...PLAIN, srtp: 'required' }))
  t.ok(needsServer({ ...PLAIN, codecs: ['opus', 'G722'] }))
  t.notOk(needsServer({ ...PLAIN, codecs: ['opus', 'PCMA'] }))
  t.ok(beginsAnchored({ ...PLAIN, media: 'anchored' }))
  t.notOk(beginsAnchored(PLAIN))
})
