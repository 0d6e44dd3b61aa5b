// Ranges of ports, and the one from which the kernel gives ports to every program.
import { readFile } from 'node:fs/promises'

export interface PortRange {
  readonly min: number
  readonly max: number
}

export const overlaps = (one: PortRange, other: PortRange): boolean =>
  one.min <= other.max && other.min <= one.max

/** Linux only. */
const KERNEL_RANGE = '/proc/sys/net/ipv4/ip_local_port_range'

export async function kernelRange(): Promise<PortRange | undefined> {
  try {
    const [min, max] = (await readFile(KERNEL_RANGE, 'utf8')).trim().split(/\s+/).map(Number)
    return min === undefined || max === undefined ? undefined : { min, max }
  } catch {
    return undefined // Not Linux: said by the caller.
  }
}
