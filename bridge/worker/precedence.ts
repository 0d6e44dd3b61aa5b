// A packet that waits for a core is late, and a caller hears it: media threads come before whatever else wants one.
import { constants, setPriority } from 'node:os'

/**
 * Raises the priority of the calling thread, and of it alone, as far as the system allows: LimitNICE of systemd,
 * or CAP_SYS_NICE, which root has outside containers. Linux only: elsewhere a priority is that of the whole process (setpriority(2), "C library/kernel
 * differences").
 */
export function takePrecedence(): boolean {
  if (process.platform !== 'linux') return false
  try {
    setPriority(constants.priority.PRIORITY_ABOVE_NORMAL)
    return true
  } catch {
    return false // Not allowed: then all threads are equals, as before.
  }
}
