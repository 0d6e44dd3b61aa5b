// The axis' contents in the reader's language, made anew when something came or was learned.
import { useDeferredValue, useMemo } from 'react'
import { useCommon } from '../../../words/common.ts'
import type { AxisWords } from './axis-language.ts'
import { axisModel, type AxisModel } from './axis-model.ts'
import type { CallAxisProps, TimelineItem } from './axis-types.ts'
import { useAxisWords } from './axis-words.ts'
import { textOf } from './entry.ts'
import { EVENT_WORDS, useEventWords } from './event-words.ts'
import { SILENCE_WORDS, useSilenceWords } from './silence-words.ts'

type Source = Pick<CallAxisProps, 'call' | 'items' | 'silences' | 'speech' | 'turns'>

export function useAxisModel({ call, items, silences, speech, turns }: Source): AxisModel {
  const words = useLanguage()
  // A burst of items does not hold up who is just moving along.
  const late = useDeferredValue(items)
  return useMemo(
    () => axisModel({ call, items: late, silences, speech, turns }, words),
    [call, late, silences, speech, turns, words],
  )
}

const isEvent = (key: string): key is keyof typeof EVENT_WORDS => key in EVENT_WORDS
const isReason = (key: string): key is keyof typeof SILENCE_WORDS => key in SILENCE_WORDS
const isVerdict = (verdict: string): verdict is 'human' | 'machine' =>
  verdict === 'human' || verdict === 'machine'

/** Types that are not known yet are shown as they are called. */
const plainly = (name: string): string => name.replaceAll(/[._-]/g, ' ')

function useLanguage(): AxisWords {
  const say = useAxisWords()
  const sayEvent = useEventWords()
  const sayReason = useSilenceWords()
  const sayCommon = useCommon()
  return useMemo(() => {
    const event = (item: TimelineItem): string => {
      const key = item.type.replace('.', '_')
      const said = isEvent(key) ? sayEvent(key) : plainly(item.type)
      return [said, moreOf(item)].filter(Boolean).join(' ')
    }
    const consent = (item: TimelineItem): string =>
      say(item['given'] === true ? 'consent_yes' : 'consent_no')
    const ended = (item: TimelineItem): string => {
      const reason = reasonOf(item)
      if (reason === undefined) return event(item)
      return `${event(item)}: ${isCommon(reason) ? sayCommon(reason) : plainly(reason)}`
    }
    const told = (item: TimelineItem): string => {
      if (item.type === 'consent.given') return consent(item)
      return item.type === 'call.ended' ? ended(item) : event(item)
    }
    return {
      event: told,
      short: told,
      session: () => say('session'),
      state: (state) => say(state),
      silence: ({ cause, reason }) => {
        const why = isReason(reason) ? sayReason(reason) : plainly(reason)
        return say('silence_of', { who: sayCommon(cause), why })
      },
      speaker: ({ role }) => say(role === 'gateway' ? 'gateway_says' : 'no_words'),
      machine: (verdict) =>
        say('machine_was', { verdict: say(isVerdict(verdict) ? verdict : 'unknown') }),
      retry: () => say('retry_planned'),
    }
  }, [say, sayEvent, sayReason, sayCommon])
}

const isCommon = (reason: string): reason is 'no-answer' | 'busy' | 'declined' | 'canceled' =>
  ['no-answer', 'busy', 'declined', 'canceled'].includes(reason)

function reasonOf({ termination }: TimelineItem): string | undefined {
  const isOne = typeof termination === 'object' && termination !== null && 'reason' in termination
  return isOne && typeof termination.reason === 'string' ? termination.reason : undefined
}

/** What makes one of them different from the next. */
function moreOf(item: TimelineItem): string | undefined {
  switch (item.type) {
    case 'agent.tool_called':
    case 'agent.tool_answered':
      return textOf(item, 'tool_name')
    case 'call.reviewed':
      return textOf(item, 'status')
    default:
      return undefined
  }
}
