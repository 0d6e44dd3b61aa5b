// What a group of commands is: each takes the parameters and gives the body of the answer, or throws a Refusal.
import type { Caller } from './key-guard.ts'
import type { RequestValues } from './request-values.ts'

export type Command = (values: RequestValues, caller: Caller) => object
export type Commands = Readonly<Record<string, Command>>

export const DONE = { result: 1 }

/** `part` of a name, whatever the case; everything, if nothing is asked for. */
export const hasPart = (name: string, part: string | undefined): boolean =>
  part === undefined || name.toLowerCase().includes(part.toLowerCase())

/** Only filters that are given count. */
export const fits = <T>(value: T, asked: T | undefined): boolean =>
  asked === undefined || value === asked
