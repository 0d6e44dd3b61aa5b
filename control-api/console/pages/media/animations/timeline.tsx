// Every step of an animation: intents before, results after.
import { Code, Text } from '@mantine/core'
import { Moment } from '../../../components/moment.tsx'
import { WORK_STATES, type AnimationStep } from '../shapes.ts'
import classes from './animations.module.css'
import { useAnimationWords } from './words.ts'

export function Timeline({ steps }: { readonly steps: readonly AnimationStep[] }) {
  const say = useAnimationWords()
  return (
    <ol className={classes['timeline']}>
      {steps.map(({ position, at, step, detail }) => (
        <li key={position}>
          <Text span size="xs" c="dimmed">
            <Moment at={at} />
          </Text>{' '}
          <StepName step={step} say={say} /> <Detail detail={detail} />
        </li>
      ))}
    </ol>
  )
}

const STATES = [...WORK_STATES, 'failed', 'canceled'] as const

interface StepNameProps {
  readonly step: string
  readonly say: ReturnType<typeof useAnimationWords>
}

/** Its state in words; what happened in it as the server calls it. */
function StepName({ step, say }: StepNameProps) {
  const [first = '', ...rest] = step.split('.')
  const state = STATES.find((one) => one === first)
  if (state === undefined) return <Code>{step}</Code>
  return (
    <>
      {say(`state_${state}`)}
      {rest.length > 0 && (
        <>
          {' '}
          <Code>{rest.join('.')}</Code>
        </>
      )}
    </>
  )
}

function Detail({ detail }: { readonly detail: unknown }) {
  if (typeof detail !== 'object' || detail === null) return null
  const words = Object.entries(detail).map(
    ([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  if (words.length === 0) return null
  return (
    <Text span size="xs" c="dimmed">
      {words.join(' · ')}
    </Text>
  )
}
