// Names that nobody answers for hold up nobody else: Node asks with few threads, and agents and vendors have names too.
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { createMachineResolver } from '../../../control-api/webhooks/resolve-host.ts'

function nameServers() {
  const asked: string[] = []
  const silent = new Set<string>()
  let atOnce = 0
  let most = 0
  const resolve = createMachineResolver(async (name) => {
    asked.push(name)
    most = Math.max(most, (atOnce += 1))
    try {
      if (silent.has(name)) await sleep(1500)
      if (silent.has(name)) throw Object.assign(new Error('again'), { code: 'EAI_AGAIN' })
      if (name.startsWith('gone')) throw Object.assign(new Error('none'), { code: 'ENOTFOUND' })
      return [{ address: '192.0.2.1' }]
    } finally {
      atOnce -= 1
    }
  })
  return { asked, silent, resolve, most: () => most }
}

t.test('one question at a time, each name once; what is known is good meanwhile', async (t) => {
  const { asked, silent, resolve, most } = nameServers()
  t.same(await resolve('good.test'), ['192.0.2.1'])
  const bad = ['a.test', 'b.test', 'c.test']
  for (const name of bad) silent.add(name)
  const failing = bad.flatMap((name) => [resolve(name), resolve(name)])
  const ended = Promise.allSettled(failing)
  t.same(await resolve('good.test'), ['192.0.2.1'], 'it does not wait for the others')
  t.same(await resolve('good.test'), ['192.0.2.1'])
  t.ok((await ended).every(({ status }) => status === 'rejected'))
  t.equal(most(), 1)
  t.same(asked, ['good.test', ...bad, 'good.test'])
})

t.test('a known name that is taken away is gone, one that fails is not', async (t) => {
  const { silent, resolve } = nameServers()
  t.same(await resolve('good.test'), ['192.0.2.1'])
  silent.add('good.test')
  t.same(await resolve('good.test'), ['192.0.2.1'])
  await t.rejects(resolve('gone.test'), { code: 'ENOTFOUND' })
})
