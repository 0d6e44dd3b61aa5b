// The boards, as the files that Grafana reads: boards/NAME.json.
import { AGENTS_AND_MONEY } from './agents-and-money.ts'
import { builtBoard, type Board } from './board.ts'
import { CONTROL_API_AND_JOBS } from './control-api-and-jobs.ts'
import { MEDIA_QUALITY } from './media-quality.ts'
import { OVERVIEW } from './overview.ts'
import { PLATFORM } from './platform.ts'
import { TRUNKS } from './trunks.ts'
import { VENDORS } from './vendors.ts'

const BOARDS: readonly Board[] = [
  OVERVIEW,
  TRUNKS,
  MEDIA_QUALITY,
  AGENTS_AND_MONEY,
  CONTROL_API_AND_JOBS,
  VENDORS,
  PLATFORM,
]

export interface BoardFile {
  readonly path: string
  readonly text: string
}

export const renderBoards = (): readonly BoardFile[] =>
  BOARDS.map((board) => ({
    path: `dashboards/boards/${board.name}.json`,
    text: `${JSON.stringify(builtBoard(board), null, 2)}\n`,
  })).toSorted((one, other) => (one.path < other.path ? -1 : 1))
