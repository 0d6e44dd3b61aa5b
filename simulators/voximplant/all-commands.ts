// All commands of the Management API that there are here.
import { accountCommands, type AccountCommandDeps } from './account-commands.ts'
import { applicationCommands } from './application-commands.ts'
import type { CallHistory } from './call-history.ts'
import type { Commands } from './commands.ts'
import { historyCommands } from './history-commands.ts'
import { numberCommands } from './number-commands.ts'
import type { VoximplantOptions } from './options.ts'
import type { RecordFiles } from './record-files.ts'
import { scenarioCommands } from './scenario-commands.ts'
import { secretCommands } from './secret-commands.ts'
import { Zones } from './vendor-dates.ts'

export interface AllCommandDeps extends Pick<
  AccountCommandDeps,
  'account' | 'names' | 'balance' | 'host' | 'start'
> {
  readonly options: VoximplantOptions
  readonly history: CallHistory
  readonly files: RecordFiles
  readonly onPage: (offset: number, count: number) => void
}

export function allCommands(deps: AllCommandDeps): Commands {
  const { options, account, names } = deps
  const { timeZone: location = 'Europe/Berlin', currency = 'USD' } = options
  return {
    ...accountCommands({ ...deps, currency, location, created: account.now() }),
    ...applicationCommands(account),
    ...scenarioCommands(account),
    ...numberCommands(account),
    ...secretCommands(account),
    ...historyCommands({
      ...deps,
      accountId: names.accountId,
      zones: new Zones(location),
      mostDays: options.mostHistoryDays,
      order: options.sort ?? 'asc',
      echoTimezone: options.echoTimezone ?? true,
    }),
  }
}
