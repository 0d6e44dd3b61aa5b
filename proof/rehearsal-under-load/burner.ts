// Keeps one processor busy, at the priority of any program, until its parent says so or is gone, at most for the
// seconds it is given; then tells how much processor time it got.
/** Between two looks at the parent. */
const SPELL_MS = 50

/** This file, as the program that it is. */
export const BURNER = import.meta.filename

function burn(seconds: number): void {
  const deadline = performance.now() + seconds * 1000
  let sum = 0
  let isWanted = true
  const spell = (): void => {
    const until = performance.now() + SPELL_MS
    while (performance.now() < until) sum += Math.sqrt(sum + 1)
    if (isWanted && performance.now() < deadline) setImmediate(spell)
    else tell()
  }
  process.on('message', () => (isWanted = false))
  process.on('disconnect', () => process.exit(0))
  spell()
}

function tell(): void {
  const { user, system } = process.cpuUsage()
  process.send?.({ cpuSeconds: (user + system) / 1e6 }, undefined, undefined, () => process.exit(0))
}

if (import.meta.main) burn(Number(process.argv[2]))
