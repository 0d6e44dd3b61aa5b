// A transfer rings the number that was allowed, however the trunk writes numbers.
import t from 'tap'
import type { E164 } from '../../../../core/contracts/index.ts'
import { TRUNK } from '../../../support/build-desk.ts'
import { answeredCall } from './transfer-stage.ts'

t.test('a number that the trunk would write as one abroad is refused on every way', async (t) => {
  const numberFormat = { country: '49', nationalPrefix: '0', internationalPrefix: '00' }
  const { begin, sip, story } = await answeredCall(t, [{ ...TRUNK, numberFormat }])
  const to = '+4908816312345678' as E164
  for (const mode of ['auto', 'refer', 'bridge'] as const)
    t.throws(() => begin({ to, mode }), { code: 'NUMBER_NOT_ALLOWED' }, mode)
  t.same(story(), [])
  t.same(sip.sent, ['INVITE'])
})
