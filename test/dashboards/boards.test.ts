// The boards as files: each is whole, and is what its source says.
import t from 'tap'
import { globSync, readFileSync } from 'node:fs'
import { renderBoards } from '../../dashboards/source/index.ts'
import { problemsOfBoard, type Board, type Panel } from '../support/dashboards/board-problems.ts'

const files = renderBoards()
const boards = files.map(({ text }) => JSON.parse(text) as Board)
const uids = boards.map(({ uid }) => uid)

t.test(
  'the seven boards are what their source says, and nothing else lies beside them',
  async (t) => {
    t.equal(files.length, 7)
    t.same(
      globSync('dashboards/boards/*').toSorted(),
      files.map(({ path }) => path),
    )
    for (const { path, text } of files)
      t.ok(readFileSync(path, 'utf8') === text, `${path}; if not: npm run docs`)
  },
)

t.test('making them twice makes the same: nothing is shared that was changed', async (t) => {
  t.same(renderBoards(), files)
})

t.test('each board is whole', async (t) => {
  t.equal(new Set(uids).size, uids.length)
  for (const board of boards) {
    t.same(problemsOfBoard(board, uids), [], board.title)
    t.ok(board.panels.length > 10, `${board.title} has ${board.panels.length} panels`)
  }
})

t.test('a line of panels is as wide as the board', async (t) => {
  for (const { title, panels } of boards) {
    const widths = new Map<number, number>()
    for (const { gridPos } of panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]))
      if (gridPos) widths.set(gridPos.y, (widths.get(gridPos.y) ?? 0) + gridPos.w)
    const odd = [...widths].filter(([, width]) => width !== 24)
    t.same(odd, [], `${title}: [line, columns]`)
  }
})

const FINE: Panel = {
  id: 1,
  type: 'timeseries',
  title: 'Calls',
  description: 'Calls that have not ended.',
  datasource: { uid: 'prometheus' },
  gridPos: { x: 0, y: 0, w: 12, h: 8 },
  targets: [
    {
      refId: 'A',
      expr: 'sum(voicegate_calls_active{instance=~"$node"})',
      datasource: { uid: 'prometheus' },
    },
  ],
  links: [{ title: 'Trunks', url: '/d/voicegate-trunks?${__url_time_range}' }],
  fieldConfig: { defaults: { unit: 'short' }, overrides: [] },
}
const NEXT: Panel = { ...FINE, id: 2, title: 'Next', gridPos: { x: 12, y: 0, w: 12, h: 8 } }

const asking = (expr: string): Panel => ({
  ...NEXT,
  targets: [{ refId: 'A', expr, datasource: { uid: 'prometheus' } }],
})
const leading = (url: string): Panel => ({ ...NEXT, links: [{ title: 'There', url }] })

const problemsWith = (second: Panel): string =>
  problemsOfBoard(
    {
      uid: 'x',
      title: 'X',
      links: [],
      panels: [FINE, second],
      templating: { list: [{ name: 'node' }, { name: 'trunk' }] },
    },
    uids,
  ).join('\n')

t.test('what is wrong with a board is found', async (t) => {
  t.equal(problemsWith(NEXT), '')
  const wrong: readonly (readonly [Panel, RegExp])[] = [
    [{ ...NEXT, id: 1 }, /id 1 is there twice/],
    [{ ...NEXT, title: 'Calls' }, /title Calls is there twice/],
    [{ ...NEXT, gridPos: { x: 11, y: 7, w: 12, h: 8 } }, /Calls lies on Next/],
    [{ ...NEXT, gridPos: { x: 13, y: 0, w: 12, h: 8 } }, /Next is off the board/],
    [{ ...NEXT, description: 'Calls.' }, /Next: has no description/],
    [{ ...NEXT, fieldConfig: { defaults: {}, overrides: [] } }, /Next: has no unit/],
    [{ ...NEXT, datasource: { uid: 'another' } }, /Next: has no data source/],
    [{ ...NEXT, targets: [] }, /Next: asks nothing/],
    [asking('up{instance=~"$nodes"}'), /no variable nodes/],
    [asking('sum(voicegate_calls_active)'), /calls_active is not asked with instance/],
    [asking('voicegate_trunk_up{instance=~"$node"}'), /trunk_up is not asked with trunk/],
    [
      asking('rate(voicegate_call_mos_bucket{instance=~"$node",le="3.6"}[5m])'),
      /call_mos is not asked with trunk/,
    ],
    [leading('/d/voicegate-trunk?x'), /there is no board voicegate-trunk/],
    [leading('https://example.org'), /leads nowhere we know/],
    [leading('${console}/calls?outcome=fialed'), /outcome is never fialed/],
    [leading('${console}/calls?carrier=x'), /no filter carrier/],
    [
      { ...NEXT, type: 'row', id: 3, panels: [NEXT, { ...NEXT, id: 4, title: 'On it' }] },
      /Next lies on On it/,
    ],
  ]
  for (const [panel, told] of wrong) t.match(problemsWith(panel), told, String(told))
})
