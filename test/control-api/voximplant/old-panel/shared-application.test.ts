// Two applications of the old panel on one application of the vendor: both come, and one is linked.
import t from 'tap'
import { openDatabase } from '../../../../control-api/db/database.ts'
import { openVault } from '../../../../control-api/secrets/vault.ts'
import { bringHouse } from '../../../../control-api/voximplant/old-panel/old-accounts.ts'
import { createLogger } from '../../../../core/telemetry/index.ts'
import { freshDataDir } from '../../../support/build-app.ts'

t.test(
  'the first is linked, the others are without a link, and a second run changes nothing',
  async (t) => {
    const database = await openDatabase(createLogger('silent'), { dataDir: await freshDataDir(t) })
    t.teardown(() => database.close())
    const vault = await openVault(database, { keys: [{ id: 'k1', key: Buffer.alloc(32, 7) }] })
    const application = { account: '1', vendorId: '900', agent: 'agent_1', createdAt: null }
    const house = {
      accounts: [{ id: '1', vendorId: '4711', key: 'k', name: 'a', isActive: '1' }],
      applications: [
        { ...application, id: '10', rule: '77' },
        { ...application, id: '11', rule: '78' },
        { ...application, id: '12', rule: null },
      ],
    }
    const bring = () => bringHouse(house as never, { database, vault }, 1_767_225_600_000)
    const first = await bring()
    await database.write([...first.writes])
    t.equal(new Set([...first.applications.values()].map((one) => one.applicationId)).size, 3)
    const linked = () =>
      database.query
        .selectFrom('voximplant_applications')
        .select(['vendor_application_id', 'rule_id'])
        .orderBy('rule_id', 'desc')
        .execute()
    t.same(await linked(), [
      { vendor_application_id: '900', rule_id: '77' },
      { vendor_application_id: null, rule_id: null },
      { vendor_application_id: null, rule_id: null },
    ])
    t.match(await bring(), { freshApplications: 0, writes: [] })
  },
)
