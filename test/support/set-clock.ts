// The clock of the machine, set while everything runs: the product's own goes on as it began.
interface Owner {
  teardown(run: () => void): void
}

export function setClock(t: Owner, hours: number): void {
  const real = Date.now
  Date.now = () => real() + hours * 3_600_000
  t.teardown(() => (Date.now = real))
}
