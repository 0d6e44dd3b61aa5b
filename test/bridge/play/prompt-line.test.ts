import t from 'tap'
import { setImmediate } from 'node:timers/promises'
import type { PromptSource } from '../../../core/contracts/index.ts'
import { PromptLine, type PromptEnd } from '../../../bridge/play/prompt-line.ts'

const speech = (text: string): PromptSource => ({ kind: 'speech', text })

function line() {
  const loads = new Map<string, PromiseWithResolvers<Uint8Array>>()
  const handedOver: string[] = []
  const told: PromptEnd[] = []
  const prompts = new PromptLine({
    load: (source) => {
      const loading = Promise.withResolvers<Uint8Array>()
      loads.set(source.kind === 'speech' ? source.text : source.path, loading)
      return loading.promise
    },
    handOver: ({ id }) => handedOver.push(id),
    onFinished: (end) => told.push(end),
  })
  return { prompts, loads, handedOver, told }
}

t.test(
  'prompts reach the worker in the order they were asked for, however they load',
  async (t) => {
    const { prompts, loads, handedOver } = line()
    prompts.play({ id: 'one', source: speech('slow') })
    prompts.play({ id: 'two', source: speech('fast') })
    loads.get('fast')?.resolve(new Uint8Array(1))
    await setImmediate()
    t.same(handedOver, [], 'the first is still loading')
    loads.get('slow')?.resolve(new Uint8Array(1))
    await setImmediate()
    t.same(handedOver, ['one', 'two'])
  },
)

t.test('one that cannot be loaded is told as failed, and the next still plays', async (t) => {
  const { prompts, loads, handedOver, told } = line()
  prompts.play({ id: 'one', source: speech('bad') })
  prompts.play({ id: 'two', source: speech('good') })
  loads.get('bad')?.reject(new Error('no voice'))
  loads.get('good')?.resolve(new Uint8Array(1))
  await setImmediate()
  t.same(told, [{ promptId: 'one', how: 'failed', playedMs: 0, detail: 'no voice' }])
  t.same(handedOver, ['two'])
})

t.test('each is told as finished exactly once', async (t) => {
  const { prompts, loads, handedOver, told } = line()
  prompts.play({ id: 'playing', source: speech('a') })
  loads.get('a')?.resolve(new Uint8Array(1))
  await setImmediate()
  prompts.play({ id: 'loading', source: speech('b') })
  prompts.stop()
  t.match(told, [{ promptId: 'loading', how: 'stopped' }], 'the worker tells of the other')
  loads.get('b')?.resolve(new Uint8Array(1))
  await setImmediate()
  t.same(handedOver, ['playing'], 'what was stopped never reaches the worker')
  const end: PromptEnd = { promptId: 'playing', how: 'played', playedMs: 20 }
  prompts.finished(end)
  prompts.finished(end)
  prompts.close()
  t.equal(told.length, 2)
})

t.test('what the worker can no longer tell is told at the end', async (t) => {
  const { prompts, loads, told } = line()
  prompts.play({ id: 'one', source: speech('a') })
  prompts.play({ id: 'two', source: speech('b') })
  loads.get('a')?.resolve(new Uint8Array(1))
  await setImmediate()
  prompts.close()
  t.same(
    told.map(({ promptId, how }) => `${promptId} ${how}`),
    ['one stopped', 'two stopped'],
  )
})

t.test('a name that is in use, and one prompt too many, are refused', async (t) => {
  const { prompts, told } = line()
  prompts.play({ id: '0', source: speech('0') })
  prompts.play({ id: '0', source: speech('again') })
  t.match(told, [{ promptId: '0', how: 'failed' }])
  for (let n = 1; n < 33; n += 1) prompts.play({ id: String(n), source: speech(String(n)) })
  t.match(told.at(-1), { promptId: '32', how: 'failed' })
})
