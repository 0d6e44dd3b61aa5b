// A board as one page of HTML: its panels where the grid has them, as Grafana would place them at this width.
import type { Source } from './answers.ts'
import type { Board, Panel } from './board-file.ts'
import { escaped } from './chart.ts'
import { panelBody } from './panels.ts'

export interface PageOptions {
  readonly theme: 'light' | 'dark'
  readonly width: number
  /** Rows that are closed too. */
  readonly opened: boolean
  /** So many rows from the top; default: all. */
  readonly rows: number | undefined
}

const COLUMNS = 24
/** Of Grafana: a line of the grid is 30 px, with 8 px to the next. */
const LINE_PX = 38
const GAP_PX = 8
const MARGIN_PX = 16
const INSIDE_PX = 18

export async function boardPage(
  board: Board,
  source: Source,
  options: PageOptions,
): Promise<string> {
  const column = (options.width - 2 * MARGIN_PX + GAP_PX) / COLUMNS
  const placed = placedPanels(board.panels, options)
  const parts = await Promise.all(
    placed.map(async (panel) => {
      const { h, w, x, y } = panel.gridPos
      const size = { width: w * column - GAP_PX, height: h * LINE_PX - GAP_PX }
      const place = `left:${MARGIN_PX + x * column}px;top:${60 + y * LINE_PX}px;width:${size.width}px;height:${size.height}px`
      const title = escaped(panel.title ?? '')
      if (panel.type === 'row') return `<h2 style="${place}">⌄ ${title}</h2>`
      const inside = { width: Math.round(size.width - INSIDE_PX), height: size.height - 4 }
      const body = await panelBody(panel, source, inside)
      return `<section style="${place}"><h3>${title}</h3>${body}</section>`
    }),
  )
  const height = 60 + Math.max(...placed.map(({ gridPos: { h, y } }) => y + h)) * LINE_PX + 8
  const { from, to } = source.times
  const time = (at: number): string =>
    new Date(at * 1000).toISOString().slice(0, 16).replace('T', ' ')
  return `<!doctype html><meta charset="utf-8"><style>${STYLE}</style><body class="${options.theme}" style="width:${options.width}px;height:${height}px">
<h1>${escaped(board.title)}<small>${time(from)} to ${time(to).slice(11)} UTC</small></h1>${parts.join('\n')}</body>`
}

/** Without what is not wanted, and with the panels of closed rows in a place of their own. */
function placedPanels(panels: readonly Panel[], { opened, rows }: PageOptions): readonly Panel[] {
  const placed: Panel[] = []
  let moved = 0
  let seen = 0
  for (const panel of panels) {
    if (panel.type === 'row' && (seen += 1) > (rows ?? Infinity)) break
    placed.push({ ...panel, gridPos: { ...panel.gridPos, y: panel.gridPos.y + moved } })
    const inside = opened ? (panel.panels ?? []) : []
    for (const each of inside)
      placed.push({ ...each, gridPos: { ...each.gridPos, y: each.gridPos.y + moved } })
    if (inside.length > 0) {
      const end = Math.max(...inside.map(({ gridPos: { h, y } }) => y + h))
      moved += end - panel.gridPos.y - 1
    }
  }
  return placed
}

const STYLE = `
*{box-sizing:border-box;margin:0}
body{position:relative;font:13px/1.4 Inter,"DejaVu Sans",Arial,sans-serif;overflow:hidden}
.dark{background:#111217;color:#ccccdc;--card:#181b1f;--edge:#2a2d34;--dim:#8e9099;--grid:#26292f}
.light{background:#f4f5f5;color:#24292e;--card:#fff;--edge:#dcdde0;--dim:#6b7078;--grid:#e7e8ea}
h1{position:absolute;left:18px;top:16px;font-size:19px;font-weight:600}
h1 small{margin-left:16px;font-size:13px;font-weight:400;color:var(--dim)}
h2{position:absolute;font-size:15px;font-weight:600;padding-top:4px}
section{position:absolute;background:var(--card);border:1px solid var(--edge);border-radius:3px;overflow:hidden;padding:0 8px}
h3{font-size:13px;font-weight:600;height:26px;line-height:26px;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
svg text{font-size:11px;fill:var(--dim)} svg .grid{stroke:var(--grid)} svg{display:block}
.stats{display:flex;gap:6px;height:calc(100% - 32px)}
.stat{flex:1;display:flex;flex-direction:column;align-items:center;justify-content:center;border-radius:3px;min-width:0;overflow:hidden}
.stat b{font-weight:600;white-space:nowrap}
.stat i{font-style:normal;font-size:12px;color:inherit;opacity:.8;white-space:nowrap}
.none{height:70%;display:flex;align-items:center;justify-content:center;color:var(--dim)}
table{border-collapse:collapse;width:100%;font-size:12px}
th{font-weight:500;color:var(--dim);text-align:left}td,th{padding:1px 8px;white-space:nowrap}
.table td,.table th{padding:5px 8px;border-bottom:1px solid var(--edge)}
.legend{overflow:hidden}.legend td+td,.legend th+th{text-align:right;width:80px}.legend span{display:inline-block;width:12px;height:4px;border-radius:2px;margin-right:6px;vertical-align:middle}
`
