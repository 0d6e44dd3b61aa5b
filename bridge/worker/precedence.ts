// A packet that waits for a core is late, and a caller hears it: media threads come before whatever else wants one.
import { setPriority } from 'node:os'

/** Three times the share of an equal where all want one; more would let a thread that hangs keep the stop from its end. */
export const PRECEDENCE = -5

/**
 * Raises the priority of the calling thread, and of it alone, as far as the system allows: LimitNICE of systemd, or
 * CAP_SYS_NICE, which root has outside containers. Linux only: elsewhere a priority is that of the whole process
 * (setpriority(2), "C library/kernel differences").
 */
export function takePrecedence(): boolean {
  if (process.platform !== 'linux') return false
  try {
    setPriority(PRECEDENCE)
    return true
  } catch {
    return false // Not allowed: then all threads are equals, as before.
  }
}
