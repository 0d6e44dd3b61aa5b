// What one can do with one item of a list: side by side in a table, as many lines as it takes in a card.
import type { ReactNode } from 'react'
import classes from './row-actions.module.css'

export function RowActions({ children }: { readonly children: ReactNode }) {
  return <div className={classes['actions']}>{children}</div>
}
