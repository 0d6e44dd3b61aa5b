// Ids of spans: anyone, unless the next span is to have one that others know already. OpenTelemetry asks for them while it
// begins a span, which waits for nothing.
import { RandomIdGenerator, type IdGenerator } from '@opentelemetry/sdk-trace'

export interface Chosen {
  readonly traceId?: string
  readonly spanId: string
}

export class ChosenIds implements IdGenerator {
  readonly #random = new RandomIdGenerator()
  #chosen: Chosen | undefined

  /** @param begin begins one span */
  choose<T>(chosen: Chosen, begin: () => T): T {
    this.#chosen = chosen
    try {
      return begin()
    } finally {
      this.#chosen = undefined
    }
  }

  generateTraceId(): string {
    return this.#chosen?.traceId ?? this.#random.generateTraceId()
  }

  generateSpanId(): string {
    return this.#chosen?.spanId ?? this.#random.generateSpanId()
  }
}
