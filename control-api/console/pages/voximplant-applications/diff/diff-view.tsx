// A diff to read: + and − before the lines, coloured too, and what is unchanged behind a button.
import { useState } from 'react'
import { Button, VisuallyHidden } from '@mantine/core'
import { FoldIcon } from '@primer/octicons-react'
import { useApplications } from '../words.ts'
import classes from './diff.module.css'
import type { Diff, DiffLine, DiffPart } from './line-diff.ts'

interface DiffViewProps {
  readonly label: string
  readonly diff: Diff
}

export function DiffView({ label, diff }: DiffViewProps) {
  return (
    <div className={classes['frame']} role="region" aria-label={label} tabIndex={0}>
      <table className={classes['diff']}>
        {diff.parts.map((part, at) => (
          <Part key={at} part={part} />
        ))}
      </table>
    </div>
  )
}

function Part({ part: { kind, lines } }: { readonly part: DiffPart }) {
  const say = useApplications()
  const [isOpen, setIsOpen] = useState(kind === 'lines')
  if (isOpen)
    return (
      <tbody>
        {lines.map((line) => (
          <Line key={`${line.before ?? ''} ${line.after ?? ''}`} line={line} />
        ))}
      </tbody>
    )
  return (
    <tbody>
      <tr>
        <td colSpan={4} className={classes['fold']}>
          <Button
            size="compact-xs"
            variant="subtle"
            leftSection={<FoldIcon size={12} />}
            onClick={() => setIsOpen(true)}
          >
            {say('unchanged', { count: lines.length })}
          </Button>
        </td>
      </tr>
    </tbody>
  )
}

const MARKS = { same: ' ', added: '+', removed: '−' } as const

function Line({ line: { kind, text, before, after } }: { readonly line: DiffLine }) {
  const say = useApplications()
  return (
    <tr data-kind={kind}>
      <td className={classes['number']}>{before}</td>
      <td className={classes['number']}>{after}</td>
      <td className={classes['mark']}>
        <span aria-hidden="true">{MARKS[kind]}</span>
        {kind !== 'same' && (
          <VisuallyHidden>{say(kind === 'added' ? 'added' : 'removed_line')}</VisuallyHidden>
        )}
      </td>
      <td className={classes['text']}>{text}</td>
    </tr>
  )
}
