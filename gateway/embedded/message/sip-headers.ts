// The headers of one message, in order. Names are canonical (header-names.ts), so a look-up compares exactly.

export class SipHeaders {
  #names: string[] = []
  #values: string[] = []

  append(name: string, value: string): this {
    this.#names.push(name)
    this.#values.push(value)
    return this
  }

  get(name: string): string | undefined {
    const at = this.#names.indexOf(name)
    return at === -1 ? undefined : this.#values[at]
  }

  getAll(name: string): string[] {
    const values: string[] = []
    this.forEach((other, value) => {
      if (other === name) values.push(value)
    })
    return values
  }

  has(name: string): boolean {
    return this.#names.includes(name)
  }

  count(name: string): number {
    let count = 0
    for (const other of this.#names) if (other === name) count += 1
    return count
  }

  /** Sets the first entry of this name, or adds one. */
  set(name: string, value: string): this {
    const at = this.#names.indexOf(name)
    if (at === -1) return this.append(name, value)
    this.#values[at] = value
    return this
  }

  copy(): SipHeaders {
    const copy = new SipHeaders()
    this.forEach((name, value) => copy.append(name, value))
    return copy
  }

  remove(name: string): this {
    const isKept = (at: number): boolean => this.#names[at] !== name
    this.#values = this.#values.filter((_value, at) => isKept(at))
    this.#names = this.#names.filter((other) => other !== name)
    return this
  }

  forEach(visit: (name: string, value: string) => void): void {
    for (let at = 0; at < this.#names.length; at += 1) {
      visit(this.#names[at] ?? '', this.#values[at] ?? '')
    }
  }

  /** `Name: value` lines, without Content-Length: the serialiser counts the body itself. */
  toText(): string {
    let text = ''
    for (let at = 0; at < this.#names.length; at += 1) {
      const name = this.#names[at] ?? ''
      if (name !== 'Content-Length') text += `${name}: ${this.#values[at] ?? ''}\r\n`
    }
    return text
  }
}
