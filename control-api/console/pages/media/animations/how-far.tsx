// Where an animation stands: a badge, and how far it is while it goes on; step by step where there is room.
import { Badge, Stack } from '@mantine/core'
import { ProgressBar } from '../progress-bar.tsx'
import { WORK_STATES, type Animation, type AnimationState } from '../shapes.ts'
import classes from './animations.module.css'
import { useAnimationWords } from './words.ts'

const COLORS = {
  queued: 'gray',
  submitting: 'signal',
  processing: 'signal',
  downloading: 'signal',
  validating: 'signal',
  storing: 'signal',
  done: 'teal',
  failed: 'red',
  canceled: 'gray',
} as const satisfies Record<AnimationState, string>

const LAST = WORK_STATES.length - 1
const stepOf = (state: AnimationState): number => WORK_STATES.findIndex((one) => one === state)

export const isUnderWay = ({ state }: Pick<Animation, 'state'>): boolean => {
  const step = stepOf(state)
  return step !== -1 && step < LAST
}

export function HowFar({ animation }: { readonly animation: Animation }) {
  const say = useAnimationWords()
  const { state } = animation
  const step = stepOf(state)
  return (
    <Stack gap={4} align="stretch">
      <div>
        <Badge variant="light" color={COLORS[state]}>
          {say(`state_${state}`)}
        </Badge>
      </div>
      {isUnderWay(animation) && (
        <ProgressBar
          share={(step + 1) / (LAST + 1)}
          isMoving
          label={say('progress')}
          words={say('step_of', { step: step + 1, all: LAST + 1, what: say(`state_${state}`) })}
        />
      )}
    </Stack>
  )
}

/** Of one that goes on, or is done. */
export function Steps({ state }: Pick<Animation, 'state'>) {
  const say = useAnimationWords()
  const here = stepOf(state)
  if (here === -1) return null
  return (
    <ol className={classes['steps']} aria-label={say('progress')}>
      {WORK_STATES.map((one, at) => (
        <li
          key={one}
          className={classes['step']}
          data-at={at < here || state === 'done' ? 'past' : at === here ? 'here' : 'ahead'}
          aria-current={at === here ? 'step' : undefined}
        >
          {say(`state_${one}`)}
        </li>
      ))}
    </ol>
  )
}
