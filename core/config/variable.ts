// A variable of the environment as it is declared.
import type { Setting } from './setting.ts'

interface Variable<T> {
  readonly setting: Setting<T>
  /** Text of the default, as one would write it; absent when there is none. */
  readonly default?: string
  readonly meaning: string
  readonly secret?: boolean
}

export const variable = <T>(
  setting: Setting<T>,
  meaning: string,
  more: { readonly default?: string; readonly secret?: boolean } = {},
): Variable<T> => ({ setting, meaning, ...more })
