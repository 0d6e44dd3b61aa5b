// How far an erasure is, step by step.
import { Group, List, Text, VisuallyHidden } from '@mantine/core'
import { CheckCircleFillIcon, CircleIcon } from '@primer/octicons-react'
import { number } from '../../../words/amounts.ts'
import type { Erasure } from './erasure-state.tsx'
import { stepsOf, type Step, type StepName } from './progress.ts'
import { useErasures } from './words.ts'

export function Steps({ erasure }: { readonly erasure: Erasure }) {
  const words = useStepWords(erasure)
  return (
    <List listStyleType="none" spacing={6} size="sm">
      {stepsOf(erasure).map((step) => (
        <List.Item key={step.name}>
          <OneStep step={step} words={words[step.name]} />
        </List.Item>
      ))}
    </List>
  )
}

function OneStep({ step, words }: { readonly step: Step; readonly words: string }) {
  const say = useErasures()
  const Icon = step.isDone ? CheckCircleFillIcon : CircleIcon
  return (
    <Group gap={8} wrap="nowrap" align="flex-start">
      <Text component="span" c={step.isDone ? 'teal' : 'dimmed'} lh={1.4} flex="none">
        <Icon size={16} />
      </Text>
      <span>
        <strong>{say(`step_${step.name}`)}</strong>{' '}
        <VisuallyHidden>{say(step.isDone ? 'is_done' : 'is_open')}</VisuallyHidden> {words}
      </span>
    </Group>
  )
}

function useStepWords(erasure: Erasure): Readonly<Record<StepName, string>> {
  const say = useErasures()
  const { waiting_for_calls: count, files_cleaned: areClean, vendor, erased, state } = erasure
  const isOver = state === 'done' || state === 'incomplete'
  return {
    calls: count > 0 ? say('step_calls_wait', { count }) : say('step_calls_done'),
    ours: `${say('erased_calls')}: ${number(erased.calls)}.`,
    files: say(areClean ? 'step_files_done' : isOver ? 'step_files_not' : 'step_files_wait'),
    vendor: say('step_vendor_words', {
      erased: number(vendor.erased),
      unknown: number(vendor.unknown),
      left: number(vendor.left.length),
    }),
  }
}
