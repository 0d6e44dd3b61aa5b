import t from 'tap'
import { vendorText } from '../../../bridge/elevenlabs/session-end.ts'

t.test('the vendor’s words are kept without numbers, keys and queries', async (t) => {
  const key = `sk_${'0123456789abcdef'.repeat(3)}`
  t.equal(vendorText(`Invalid API key ${key}.`), 'Invalid API key [key].')
  t.equal(vendorText(`key "${'0123456789abcdef'.repeat(2)}"`), 'key "[key]"')
  t.equal(vendorText('no call to +49 30 999-888 today'), 'no call to [number] today')
  t.equal(vendorText('see wss://host/path?token=1 there'), 'see wss://host/path there')
  t.equal(
    vendorText('Override for first_message is not allowed'),
    'Override for first_message is not allowed',
  )
})
