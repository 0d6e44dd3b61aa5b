// Which packets of a stream are lost: at random, or in bursts.

/** Numbers from 0 to 1, the same ones each time (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export function randomLoss(packets: number, share: number, seed: number): boolean[] {
  const random = randomNumbers(seed)
  return Array.from({ length: packets }, () => random() < share)
}

/** Two states (Gilbert 1960): losses come `burst` packets at a time on average. */
export function burstyLoss(packets: number, share: number, burst: number, seed: number): boolean[] {
  const random = randomNumbers(seed)
  const leave = 1 / burst
  const enter = (share * leave) / (1 - share)
  let bad = false
  return Array.from({ length: packets }, () => {
    bad = bad ? random() >= leave : random() < enter
    return bad
  })
}
