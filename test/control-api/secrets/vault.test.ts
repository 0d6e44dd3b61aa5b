// Keys of secrets over a life: none, lost, rotated while rows change, and the command for it.
import t, { type Test } from 'tap'
import { randomBytes } from 'node:crypto'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openDatabase, type Database } from '../../../control-api/db/database.ts'
import { createVault, openVault, type Vault } from '../../../control-api/secrets/vault.ts'
import { createEndpoints } from '../../../control-api/webhooks/endpoints.ts'
import { loadConfig } from '../../../core/config/index.ts'
import { epochMs } from '../../../core/contracts/index.ts'
import { createLogger } from '../../../core/telemetry/index.ts'
import { run } from '../../../scripts/secrets.ts'
import { buildApp, freshDataDir, json } from '../../support/build-app.ts'
import { temporaryFolder } from '../../support/process.ts'

const key = (id: string) => ({ id, key: randomBytes(32) })
const K1 = key('k1')
const K2 = key('k2')
const NOW = epochMs(1_800_000_000_000)

async function open(t: Test, dataDir = temporaryFolder(t, 'vault')): Promise<Database> {
  const database = await openDatabase(createLogger('silent'), { dataDir })
  t.teardown(() => database.close())
  return database
}

async function fill(database: Database, vault: Vault, count: number): Promise<readonly string[]> {
  const endpoints = createEndpoints(database, vault)
  const made = Array.from({ length: count }, () =>
    endpoints.prepare({ url: 'https://x/', types: ['*'], description: null }, 0, NOW),
  )
  await database.write(made.map((one) => endpoints.insert(one)))
  return made.map(({ row }) => row.endpoint_id)
}

t.test('without a key nothing is kept, and that is said', async (t) => {
  const app = await buildApp(t, { config: { rehearsal: false } })
  const body = { url: 'https://1.1.1.1/', types: ['*'] }
  const response = await app.request('/api/webhooks', json(body))
  t.equal(response.status, 503)
  t.match(await response.json(), { code: 'SECRETS_KEY_MISSING' })
})

t.test('a start without the key of kept secrets is refused, naming it', async (t) => {
  const database = await open(t)
  await fill(database, createVault(database, [K1]), 2)
  const refused = { code: 'CONFIGURATION_INVALID', message: /SECRETS_KEY.*k1 \(2\)/ }
  for (const keys of [[], [K2], [key('k1')], [K2, key('k1')]])
    await t.rejects(openVault(database, { keys }), refused)
  await t.resolves(openVault(database, { keys: [K2, K1] }))
})

t.test('the control API does not open without it either', async (t) => {
  const dataDir = await freshDataDir(t)
  const first = await buildApp(t, { dataDir, config: { rehearsal: false, secretsKeys: [K1] } })
  const body = { url: 'https://1.1.1.1/', types: ['job.done'] }
  t.equal((await first.request('/api/webhooks', json(body))).status, 201)
  await first.close()
  const config = { rehearsal: false, secretsKeys: [K2] }
  await t.rejects(buildApp(t, { dataDir, config }), { code: 'CONFIGURATION_INVALID' })
})

t.test('a rotation wraps all anew, in batches, and says what is not needed any more', async (t) => {
  const database = await open(t)
  const ids = await fill(database, createVault(database, [K1]), 250)
  const vault = createVault(database, [K2, K1])
  t.match(await vault.examine(), {
    activeKeyId: 'k2',
    secrets: 250,
    byKey: [{ keyId: 'k1', count: 250 }],
    unusedKeyIds: [],
  })
  const progress: number[] = []
  const report = await vault.rotate((secrets) => progress.push(secrets))
  t.same(progress, [100, 200, 250])
  t.same(report, {
    activeKeyId: 'k2',
    secrets: 250,
    rewrapped: 250,
    byKey: [{ keyId: 'k2', count: 250 }],
    unopened: [],
    unusedKeyIds: ['k1'],
  })
  const alone = createVault(database, [K2])
  const endpoints = createEndpoints(database, alone)
  const row = await endpoints.find(ids[249] ?? '')
  t.match(row && endpoints.secretsOf(row, NOW), [/^whsec_/])
  t.match(await alone.rotate(), { rewrapped: 0 })
})

t.test('a secret that is replaced while keys rotate is not lost', async (t) => {
  const database = await open(t)
  const [id = ''] = await fill(database, createVault(database, [K1]), 1)
  const vault = createVault(database, [K2, K1])
  const endpoints = createEndpoints(database, vault)
  let replaced: string | undefined
  const racing: Pick<Database, 'query' | 'write'> = {
    query: database.query,
    // Between the reading and the writing of the rotation.
    write: async (queries) => {
      const row = await endpoints.find(id)
      if (replaced === undefined && row) {
        const { change, secret } = endpoints.replaceSecret(row, NOW)
        replaced = secret
        await database.write([change])
      }
      return database.write(queries)
    },
  }
  const report = await createVault({ ...database, ...racing }, [K2, K1]).rotate()
  t.match(report, { secrets: 2, byKey: [{ keyId: 'k2', count: 2 }], unopened: [] })
  const row = await endpoints.find(id)
  t.equal(row && endpoints.secretsOf(row, NOW)[0], replaced)
})

t.test('two rows whose secrets were swapped in the database both fail, loudly', async (t) => {
  const database = await open(t)
  const vault = createVault(database, [K1])
  const endpoints = createEndpoints(database, vault)
  const [one = '', other = ''] = await fill(database, vault, 2)
  const [first, second] = [await endpoints.find(one), await endpoints.find(other)]
  await database.write([
    endpoints.update(one, { secret: second?.secret ?? '' }, NOW),
    endpoints.update(other, { secret: first?.secret ?? '' }, NOW),
  ])
  for (const id of [one, other]) {
    const row = await endpoints.find(id)
    t.throws(() => row && endpoints.secretsOf(row, NOW), { code: 'INTERNAL' })
  }
  await t.rejects(openVault(database, { keys: [K1] }), { code: 'CONFIGURATION_INVALID' })
})

t.test('a rehearsal makes its key once, its owner’s alone', async (t) => {
  const dataDir = temporaryFolder(t, 'rehearsal')
  const database = await open(t, dataDir)
  const options = { keys: [], makeKeyIn: dataDir }
  await fill(database, await openVault(database, options), 1)
  const path = join(dataDir, 'secrets.key')
  t.equal(statSync(path).mode & 0o777, 0o600)
  const text = readFileSync(path, 'utf8')
  t.match(await (await openVault(database, options)).examine(), { secrets: 1, unopened: [] })
  t.equal(readFileSync(path, 'utf8'), text)
  writeFileSync(path, 'short')
  await t.rejects(openVault(database, options), { code: 'CONFIGURATION_INVALID' })
})

t.test('npm run secrets: checks, rotates, and says so when the product runs', async (t) => {
  const dataDir = temporaryFolder(t, 'command')
  const database = await openDatabase(createLogger('silent'), { dataDir })
  await fill(database, createVault(database, [K1]), 3)
  const config = (keys: (typeof K1)[]) => () => ({
    ...loadConfig(),
    rehearsal: false,
    dataDir,
    secretsKeys: keys,
    databaseUrl: undefined,
  })
  const ask = async (keys: (typeof K1)[], ...args: string[]) => {
    const lines: string[] = []
    const say = (line: string): void => void lines.push(line)
    const code = await run({ args, config: config(keys), print: say, complain: say })
    return { code, text: lines.join('\n') }
  }
  t.match(await ask([K1], 'check'), { code: 1, text: /another voicegate.*api\/secrets\/rotate/ })
  await database.close()
  t.match(await ask([K1]), { code: 2, text: /usage/ })
  t.match(await ask([K1], 'check'), {
    code: 0,
    text: /active key: k1\n3 secrets are kept: 3 by k1/,
  })
  t.match(await ask([K2], 'rotate'), { code: 1, text: /k1 \(3\)/ })
  const rotated = await ask([K2, K1], 'rotate')
  t.match(rotated, { code: 0, text: /3 encrypted anew/ })
  t.match(rotated.text, 'nothing needs k1 any more')
  t.match(await ask([K2], 'check'), { code: 0, text: /3 by k2/ })
})
