// A part of the form that is folded away until it is wanted.
import type { ReactNode } from 'react'
import { ChevronRightIcon } from '@primer/octicons-react'
import styles from './part.module.css'

interface PartProps {
  readonly title: string
  readonly isOpen: boolean
  readonly onToggle: (isOpen: boolean) => void
  readonly children: ReactNode
}

export function Part({ title, isOpen, onToggle, children }: PartProps) {
  return (
    <details
      className={styles['part']}
      open={isOpen}
      onToggle={({ currentTarget: { open } }) => {
        if (open !== isOpen) onToggle(open)
      }}
    >
      <summary className={styles['title']}>
        <span className={styles['sign']} aria-hidden="true">
          <ChevronRightIcon size={16} />
        </span>
        {title}
      </summary>
      <div className={styles['content']}>{children}</div>
    </details>
  )
}
