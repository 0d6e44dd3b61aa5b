// The axis' contents in the reader's language, made anew when something came or was learned.
import { useDeferredValue, useMemo } from 'react'
import { REASONS } from '../../../components/ladder/endings.ts'
import { useReasons } from '../../../components/ladder/words.ts'
import { useMenuWords } from '../../../components/menu-words.ts'
import { useCommon } from '../../../words/common.ts'
import type { AxisWords } from './axis-language.ts'
import { axisModel, type AxisModel } from './axis-model.ts'
import type { CallAxisProps, TimelineItem } from './axis-types.ts'
import { useAxisWords } from './axis-words.ts'
import { numberOf, textOf } from './entry.ts'
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

/** Types that are not known yet are shown as they are called. */
const plainly = (name: string): string => name.replaceAll(/[._-]/g, ' ')

function useLanguage(): AxisWords {
  const say = useAxisWords()
  const sayEvent = useEventWords()
  const sayReason = useSilenceWords()
  const sayCommon = useCommon()
  const sayEnding = useReasons()
  const sayMenu = useMenuWords()
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
      return `${event(item)}: ${isKnown(reason) ? sayEnding(reason) : plainly(reason)}`
    }
    const machine = (verdict: string): string =>
      say('machine_was', { verdict: sayMenu('verdict', verdict) })
    const key = (item: TimelineItem): string => {
      const digit = textOf(item, 'digit')
      return digit === undefined ? event(item) : say('key_told', { digit })
    }
    const told = (item: TimelineItem): string => {
      switch (item.type) {
        case 'consent.given':
          return consent(item)
        case 'call.ended':
          return ended(item)
        case 'machine.verdict':
          return machine(textOf(item, 'verdict') ?? 'unknown')
        case 'flow.asked':
          return askedWords(item, say, sayMenu)
        case 'flow.answered':
          return answeredWords(item, say, sayMenu)
        case 'dtmf':
          return key(item)
        default:
          return event(item)
      }
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
      machine,
      retry: () => say('retry_planned'),
    }
  }, [say, sayEvent, sayReason, sayCommon, sayEnding, sayMenu])
}

type SayAxis = ReturnType<typeof useAxisWords>
type SayMenu = ReturnType<typeof useMenuWords>

function askedWords(item: TimelineItem, say: SayAxis, sayMenu: SayMenu): string {
  const attempt = numberOf(item, 'attempt') ?? 1
  const step = sayMenu('step', textOf(item, 'step') ?? '')
  return say(attempt > 1 ? 'menu_asks_again' : 'menu_asks', { step, attempt })
}

function answeredWords(item: TimelineItem, say: SayAxis, sayMenu: SayMenu): string {
  const answer = sayMenu('answer', textOf(item, 'answer') ?? '')
  const digits = textOf(item, 'digits')
  // Of yes and no the word is enough.
  const isEntry = item['answer'] === 'entry' && digits !== undefined
  return say('menu_answered', {
    answer: isEntry ? say('menu_digits', { answer, digits }) : answer,
  })
}

const isKnown = (reason: string): reason is keyof typeof REASONS => reason in REASONS

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
