// Voximplant in the console: key files, what is typed about accounts and applications, diffs, days, sums.
import t from 'tap'
import {
  draftOf as accountDraftOf,
  NEW_ACCOUNT,
  newAccountOf,
  patchOf as accountPatchOf,
  trialOf,
  withKeyText,
} from '../../../control-api/console/pages/voximplant-setup/account-draft.ts'
import { readServiceAccountKey } from '../../../control-api/console/pages/voximplant-setup/service-account-file.ts'
import {
  changed,
  draftOf,
  emptyDraft,
  faultsOf,
  newApplicationOf,
  patchOf,
} from '../../../control-api/console/pages/voximplant-applications/application-draft.ts'
import {
  diffOf,
  type DiffLine,
} from '../../../control-api/console/pages/voximplant-applications/diff/line-diff.ts'
import {
  historyBody,
  isNarrowed,
  readFilters,
  writeFilters,
} from '../../../control-api/console/pages/voximplant-call-history/history-search.ts'
import {
  syncBoundsOf,
  usualRange,
} from '../../../control-api/console/pages/voximplant-call-history/syncs/sync-range.ts'
import {
  answerRate,
  averageTalk,
} from '../../../control-api/console/pages/voximplant-statistics/figures.ts'
import { csvOf } from '../../../control-api/console/pages/voximplant-statistics/figures-csv.ts'
import {
  readFiguresView,
  writeFiguresView,
} from '../../../control-api/console/pages/voximplant-statistics/figures-view.ts'
import { stretchesOf } from '../../../control-api/console/pages/voximplant-statistics/stretches.ts'
import type {
  Account,
  Application,
  Counts,
  DayCounts,
} from '../../../control-api/console/components/voximplant/shapes.ts'
import {
  bodyOf,
  emptyForm,
  faultsOf as dialFaultsOf,
} from '../../../control-api/console/pages/dial/dial-form.ts'

const KEY = {
  account_email: 'a@b.example',
  account_id: 1_000_001,
  key_id: 'key-1',
  private_key: '-----BEGIN',
}

t.test('a key file is read, and what is none is told apart', async (t) => {
  t.match(readServiceAccountKey(JSON.stringify(KEY)), { kind: 'key', accountId: '1000001' })
  t.same(readServiceAccountKey('  '), { kind: 'nothing' })
  for (const text of ['-----BEGIN', '[]', '"text"', 'null'])
    t.same(readServiceAccountKey(text), { kind: 'no-json' })
  t.same(readServiceAccountKey('{"account_id": 1, "key_id": " "}'), {
    kind: 'lacks',
    fields: ['account_email', 'key_id', 'private_key'],
  })
})

t.test('an account as it is typed', async (t) => {
  t.equal(trialOf(NEW_ACCOUNT), undefined)
  const typed = { ...NEW_ACCOUNT, accountId: ' 42 ', apiKey: ' secret ' }
  t.same(trialOf(typed), { account_id: '42', api_key: 'secret' })
  t.equal(trialOf({ ...typed, accountId: 'forty-two' }), undefined)
  t.equal(newAccountOf(typed), undefined, 'without a name')
  t.same(newAccountOf({ ...typed, name: ' Main ' }), {
    ...{ account_name: 'Main', account_id: '42', api_key: 'secret' },
  })
  const withFile = withKeyText({ ...NEW_ACCOUNT, kind: 'service_account' }, JSON.stringify(KEY))
  t.equal(withFile.accountId, '1000001', 'the file names the account')
  t.same(trialOf(withFile), { account_id: '1000001', service_account_key: KEY })
  t.equal(withKeyText(typed, '{').accountId, typed.accountId)
})

t.test('a change of an account says what was changed alone', async (t) => {
  const account = {
    account_name: 'Main',
    vendor_account_id: '42',
    credential: 'api_key',
  } as Account
  const draft = accountDraftOf(account)
  t.equal(accountPatchOf(account, draft), undefined)
  t.same(accountPatchOf(account, { ...draft, name: 'Other' }), { account_name: 'Other' })
  t.same(accountPatchOf(account, { ...draft, apiKey: 'new' }), { api_key: 'new' })
  const half = { ...draft, kind: 'service_account' as const, keyText: '{' }
  t.equal(accountPatchOf(account, half), undefined, 'half a key is not left out')
})

t.test('an application as it is filled in', async (t) => {
  const empty = emptyDraft('vac_1', 'de')
  t.same([...faultsOf(empty, false)], ['name', 'agent'])
  const filled = {
    ...empty,
    ...{ name: ' Shop ', agent: ' agent_1 ', vendorApplication: '7', rule: '8' },
    ...{ keyChoice: 'own' as const, ownKey: '', number: '0301234' },
  }
  t.same([...faultsOf(filled, false)], ['key', 'number'])
  t.same([...faultsOf({ ...filled, number: '+4930555300' }, true)], [], 'one is kept')
  t.equal(changed(filled, { vendorApplication: '9' }).rule, '', 'a rule belongs to its application')
  t.match(changed(filled, { account: 'vac_2' }), { vendorApplication: '', rule: '', number: '' })
  const options = { ...empty.options, max_duration_seconds: 5 }
  t.ok(faultsOf({ ...filled, options }, true).has('duration'))
  t.same(newApplicationOf({ ...empty, name: 'Shop', agent: 'agent_1' }), {
    ...{ account: 'vac_1', application_name: 'Shop', elevenlabs_agent_id: 'agent_1' },
    options: { ...empty.options, announcement: null },
  })
})

t.test('a key of an application: kept, changed, given back', async (t) => {
  const options = emptyDraft('', 'en').options
  const application = {
    ...{ account: 'vac_1', application_name: 'Shop', elevenlabs_agent_id: 'agent_1', options },
    ...{ voximplant_application_id: '7', rule_id: null, phone_number: null },
    has_elevenlabs_api_key: true,
  } as Application
  const draft = draftOf(application)
  t.notOk('elevenlabs_api_key' in patchOf(draft, true), 'it stays')
  t.match(patchOf({ ...draft, ownKey: 'sk_new' }, true), { elevenlabs_api_key: 'sk_new' })
  t.equal(patchOf({ ...draft, keyChoice: 'node' }, true).elevenlabs_api_key, null)
  t.notOk('elevenlabs_api_key' in patchOf({ ...draft, keyChoice: 'node' }, false))
  t.equal(patchOf(draft, true).rule_id, null)
  t.equal(patchOf(draft, true).phone_number, null)
})

t.test('a diff: lines with their numbers, what is unchanged folded', async (t) => {
  const before = Array.from({ length: 30 }, (_, at) => `line ${at + 1}`)
  const after = before.toSpliced(14, 1, 'changed', 'more')
  const diff = diffOf(`${before.join('\n')}\n`, `${after.join('\n')}\n`)
  t.same([diff.added, diff.removed], [2, 1])
  t.same(
    diff.parts.map(({ kind, lines }) => [kind, lines.length]),
    [
      ['fold', 11],
      ['lines', 9],
      ['fold', 12],
    ],
  )
  const shown = (line: DiffLine) => [line.kind, line.before, line.after, line.text]
  t.same(diff.parts[1]?.lines.slice(2, 7).map(shown), [
    ['same', 14, 14, 'line 14'],
    ['removed', 15, null, 'line 15'],
    ['added', null, 15, 'changed'],
    ['added', null, 16, 'more'],
    ['same', 16, 17, 'line 16'],
  ])
  t.same(diffOf('', 'a\nb\n').parts, [
    {
      kind: 'lines',
      lines: [
        { kind: 'added', text: 'a', before: null, after: 1 },
        { kind: 'added', text: 'b', before: null, after: 2 },
      ],
    },
  ])
  t.same(
    diffOf('a\nb\nc\nd\n', 'a\nb\nc\nx\n').parts.map(({ kind }) => kind),
    ['lines'],
    'few lines are not folded',
  )
})

t.test('the address of the history is read and written; numbers are not in it', async (t) => {
  for (const query of ['', '?application_id=vap_1&outcome=busy&from=2026-11-01&to=2026-11-30'])
    t.equal(writeFilters(readFilters(query)), query)
  t.same(readFilters('?outcome=lost&from=yesterday'), {})
  const page = { filters: { outcome: 'busy' as const }, applicationId: 'vap_1', cursor: 'next' }
  t.match(historyBody({ ...page, asked: '+49 30 555 300' }), {
    ...{ provider: 'voximplant', application_id: 'vap_1', outcome: 'busy', cursor: 'next' },
    number: '+49 30 555 300',
  })
  t.ok(isNarrowed({}, '300'))
  t.notOk(isNarrowed({ application_id: 'vap_1' }, ' '))
})

t.test('days are synchronised up to now at most', async (t) => {
  const now = new Date(2026, 10, 21, 12)
  t.same(usualRange(now), { from: '2026-11-15', to: '2026-11-21' })
  t.equal(syncBoundsOf(usualRange(now), now)?.to_date, now.toISOString())
  const past = syncBoundsOf({ from: '2026-11-01', to: '2026-11-01' }, now)
  t.equal(Date.parse(past?.to_date ?? '') - Date.parse(past?.from_date ?? ''), 86_400_000 - 1)
  t.equal(syncBoundsOf({ from: '2026-11-02', to: '2026-11-01' }, now), undefined)
  t.equal(syncBoundsOf({ from: '2026-11-22', to: '2026-11-23' }, now), undefined)
  t.equal(syncBoundsOf({ from: '', to: '2026-11-21' }, now), undefined)
})

const NONE: Counts = {
  ...{ calls: 0, answered: 0, no_answer: 0, busy: 0, failed: 0, canceled: 0, declined: 0 },
  ...{ machine: 0, live: 0, inbound: 0, outbound: 0, talk_seconds: 0, costs: [] },
  ...{ with_transcript: 0, with_recording: 0 },
}
const day = (key: string, more: Partial<Counts>): DayCounts => {
  return { ...NONE, key, starts_at: '', ends_at: '', ...more }
}

t.test('days become weeks, each currency by itself', async (t) => {
  const days = [
    day('2026-11-15', { calls: 1, costs: [{ currency: 'EUR', amount_minor: 2 }] }),
    day('2026-11-16', { calls: 2, costs: [{ currency: 'EUR', amount_minor: 3 }] }),
    day('2026-11-17', { calls: 4, costs: [{ currency: 'USD', amount_minor: 5 }] }),
  ]
  t.equal(stretchesOf(days, 'day').length, 3)
  t.match(stretchesOf(days, 'week'), [
    { first: '2026-11-15', last: '2026-11-15', calls: 1 },
    {
      ...{ first: '2026-11-16', last: '2026-11-17', calls: 6 },
      costs: [
        { currency: 'EUR', amount_minor: 3 },
        { currency: 'USD', amount_minor: 5 },
      ],
    },
  ])
  const totals = { ...NONE, calls: 7, costs: [{ currency: 'EUR', amount_minor: 5 }] }
  const lines = csvOf({
    ...{ from: '', before: '', time_zone: 'UTC' },
    ...{ totals, items: days, applications: [] },
  }).split('\r\n')
  t.match(lines[0], /^day,calls,.*,cost_minor_eur$/)
  t.match(lines[1], /^2026-11-15,1,.*,2$/)
  t.match(lines[4], /^\(total\),7,.*,5$/)
})

t.test('rates are of what has ended; nothing is divided by nothing', async (t) => {
  t.equal(answerRate(NONE), null)
  t.equal(answerRate({ ...NONE, calls: 5, live: 1, answered: 2 }), 0.5)
  t.equal(averageTalk(NONE), null)
  t.equal(averageTalk({ ...NONE, answered: 2, talk_seconds: 30 }), 15)
  for (const query of ['', '?range=7d&application_id=vap_1', '?from=2026-11-01&to=2026-11-02'])
    t.equal(writeFiguresView(readFiguresView(query)), query)
})

t.test('a call by an application has no trunk and no menu', async (t) => {
  const form = {
    ...emptyForm('+4930555301'),
    ...{ provider: 'voximplant' as const, trunk: 'berlin', answer_with: 'order-ivr' as const },
  }
  t.same([...dialFaultsOf(form)], ['application'])
  t.equal(bodyOf(form), null)
  t.same(bodyOf({ ...form, application_id: 'vap_1', answering_machine: 'gate' }), {
    ...{ phone_number: '+4930555301', provider: 'voximplant', application_id: 'vap_1' },
    answering_machine: 'gate',
  })
  t.same(bodyOf({ ...form, application_id: 'vap_1', provider: 'sip', answer_with: 'agent' }), {
    ...{ phone_number: '+4930555301', trunk: 'berlin' },
  })
})
