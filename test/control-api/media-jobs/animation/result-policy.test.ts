// Where results may be fetched from.
import t from 'tap'
import { createResultPolicy } from '../../../../control-api/media-jobs/animation/result-policy.ts'

const PUBLIC = '93.184.216.34'
const real = {
  resultHosts: ['.d-id.com', PUBLIC, '10.0.0.7'],
  baseUrl: 'https://192.0.2.9',
  isRehearsal: false,
}

t.test('only public https addresses of hosts that are named', async (t) => {
  const { examine } = createResultPolicy(real)
  t.match(await examine(`https://${PUBLIC}/v.mp4`), { kind: 'allowed' })
  t.match(await examine(`http://${PUBLIC}/v.mp4`), { kind: 'refused', why: /https/ })
  t.match(await examine(`https://${PUBLIC}:8443/v.mp4`), { kind: 'refused', why: /port/ })
  t.match(await examine('https://10.0.0.7/v.mp4'), { kind: 'refused', why: /public internet/ })
})

t.test(
  'a host that is none of theirs is named, so that somebody can say whether it is',
  async (t) => {
    const { examine } = createResultPolicy(real)
    const url = 'https://cdn.elsewhere.example/secret-path.mp4?token=planted'
    const refused = await examine(url)
    t.match(refused, { kind: 'refused', why: /its host \(cdn\.elsewhere\.example\) is none/ })
    t.notMatch(refused, { why: /secret|planted/ })
    t.match(await examine('https://notd-id.com/v.mp4'), { kind: 'refused', why: /notd-id\.com/ })
  },
)

t.test('only a simulated provider may be private', async (t) => {
  const baseUrl = 'http://127.0.0.1:4711'
  const simulated = createResultPolicy({ ...real, baseUrl, isRehearsal: true })
  t.match(await simulated.examine(`${baseUrl}/v.mp4`), { kind: 'allowed' })
  t.match(await simulated.examine('http://127.0.0.1:22/v.mp4'), { kind: 'refused' })
  const own = createResultPolicy({ ...real, baseUrl: 'https://10.0.0.8' })
  t.match(await own.examine('https://10.0.0.8/v.mp4'), { kind: 'refused', why: /public internet/ })
  t.match(await own.examine('http://10.0.0.8/v.mp4'), { kind: 'refused', why: /https/ })
})
