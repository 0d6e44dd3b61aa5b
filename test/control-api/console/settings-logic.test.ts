// What the settings work out by themselves: keys as they are typed, days, sweeps, steps, addresses.
import t from 'tap'
import {
  actionKey,
  isAction,
  targetPath,
} from '../../../control-api/console/pages/settings/audit/actions.ts'
import { endOf, startOf } from '../../../control-api/console/pages/settings/audit/audit-days.ts'
import { stepsOf } from '../../../control-api/console/pages/settings/erasures/progress.ts'
import {
  bodyOf,
  faultsOf,
  NEW_KEY,
  typedOf,
  type ApiKey,
  type TypedKey,
} from '../../../control-api/console/pages/settings/keys/key-wish.ts'
import {
  cutOff,
  nextSweepAt,
} from '../../../control-api/console/pages/settings/retention/next-sweep.ts'
import { keysOf } from '../../../control-api/console/pages/settings/secrets/key-uses.ts'
import { tabAt } from '../../../control-api/console/pages/settings/tab-paths.ts'

const NOW = Date.parse('2026-11-21T10:00:00Z')

t.test('a key as it is typed', (t) => {
  t.same(bodyOf(NEW_KEY, NOW), { role: 'viewer', name: null, budget: null, expires_at: null })
  const typed: TypedKey = {
    ...{ name: ' Reminders ', role: 'operator', expiry: '30', lastDay: '', isLimited: true },
    ...{ perSecond: '0.5', perDay: '20', prefixes: '+49, +43', trunks: ['berlin'] },
  }
  t.equal(faultsOf(typed, NOW).size, 0)
  t.same(bodyOf(typed, NOW), {
    ...{ role: 'operator', name: 'Reminders', expires_at: '2026-12-21T10:00:00.000Z' },
    budget: {
      ...{ calls_per_second: 0.5, calls_per_day: 20 },
      ...{ prefixes: ['+49', '+43'], trunks: ['berlin'] },
    },
  })
  t.equal(bodyOf({ ...typed, role: 'viewer' }, NOW).budget, null, 'who does not dial has none')
  const wrong: TypedKey = {
    ...typed,
    ...{ perSecond: '0', perDay: '1.5', prefixes: '49', expiry: 'on' },
  }
  t.same([...faultsOf(wrong, NOW)].toSorted(), ['lastDay', 'perDay', 'perSecond', 'prefixes'])
  t.same([...faultsOf({ ...wrong, role: 'metrics' }, NOW)], ['lastDay'])
  const empty: TypedKey = { ...NEW_KEY, role: 'operator', isLimited: true, prefixes: ' , ' }
  t.same([...faultsOf(empty, NOW)], ['nothing'], 'limited, but in nothing: not without a limit')
  t.equal(faultsOf({ ...empty, perDay: '0' }, NOW).size, 0)
  t.equal(faultsOf({ ...empty, isLimited: false }, NOW).size, 0)
  t.same([...faultsOf({ ...NEW_KEY, expiry: 'on', lastDay: '2026-11-20' }, NOW)], ['lastDay'])
  t.end()
})

t.test('a key that is there keeps what is not changed', (t) => {
  const times = { created_at: '', last_used_at: null, revoked_at: null }
  const key: ApiKey = {
    ...{ key_id: 'a', name: 'A', role: 'admin', state: 'active', ...times },
    ...{ budget: { calls_per_day: 5 }, expires_at: '2027-01-01T00:00:00.000Z' },
  }
  t.same(bodyOf(typedOf(key), NOW), { role: 'admin', name: 'A', budget: { calls_per_day: 5 } })
  t.end()
})

t.test('the next sweep, and of which calls it takes what', (t) => {
  t.equal(nextSweepAt({ last_sweep: null }), null)
  const next = nextSweepAt({ last_sweep: { at: '2026-11-21T10:00:00Z', deleted: null } })
  t.equal(new Date(cutOff(next ?? 0, 30)).toISOString(), '2026-10-23T10:00:00.000Z')
  t.end()
})

t.test('days are the reader’s own', (t) => {
  t.equal(startOf('2026-11-21'), new Date(2026, 10, 21).toISOString())
  t.equal(endOf('2026-11-21'), new Date(2026, 10, 21, 23, 59, 59, 999).toISOString())
  t.equal(startOf(''), undefined)
  t.equal(endOf('2026-11-'), undefined)
  t.end()
})

t.test('how far an erasure is', (t) => {
  const done = (state: string, waiting: number, areClean: boolean): string[] =>
    stepsOf({
      state,
      waiting_for_calls: waiting,
      files_cleaned: areClean,
    } as Parameters<typeof stepsOf>[0])
      .filter(({ isDone }) => isDone)
      .map(({ name }) => name)
  t.same(done('waiting', 0, false), [])
  t.same(done('running', 1, false), [])
  t.same(done('running', 0, false), ['calls'])
  t.same(done('running', 0, true), ['calls', 'ours', 'files'])
  t.same(done('incomplete', 0, true), ['calls', 'ours', 'files'])
  t.same(done('done', 0, true), ['calls', 'ours', 'files', 'vendor'])
  t.end()
})

t.test('which keys encrypt, are needed, are not, are missing', (t) => {
  const report = {
    ...{ active_key_id: 'k3', secrets: 6, rewrapped: 0, unused_key_ids: ['k1'] },
    by_key: [
      { key_id: 'k3', secrets: 2 },
      { key_id: 'k2', secrets: 3 },
      { key_id: 'k0', secrets: 1 },
    ],
    unopened: [{ key_id: 'k0', secrets: 1 }],
  }
  t.same(
    keysOf(report).map(({ keyId, secrets, use }) => `${keyId} ${secrets} ${use}`),
    ['k3 2 active', 'k2 3 former', 'k1 0 unused', 'k0 1 missing'],
  )
  t.end()
})

t.test('actions and addresses', (t) => {
  t.ok(isAction('webhook.secret_rotated'))
  t.notOk(isAction('moon.landed'))
  t.equal(actionKey('webhook.secret_rotated'), 'did_webhook_secret_rotated')
  t.equal(targetPath('call.hung_up', 'call_1'), '/calls/call_1')
  t.equal(targetPath('webhook.changed', 'whe_1'), '/webhooks/whe_1')
  t.equal(targetPath('webhook.deleted', 'whe_1'), undefined, 'it is gone')
  t.equal(targetPath('key.created', 'abcdef'), undefined)
  t.equal(tabAt('/settings'), 'node')
  t.equal(tabAt('/settings/erasures/erasure_1'), 'erasures')
  t.end()
})
