// The child's side of a bench program: named commands over the IPC channel, and an end when the parent is gone.

/** What a program can be asked; each command takes one argument or none. */
export type Commands = Readonly<Record<string, (argument: never) => unknown>>

export interface Question {
  readonly id: number
  readonly name: string
  readonly argument: unknown
}

export type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: string }

/** Answers questions until the parent disconnects. */
export function serve(commands: Commands): void {
  process.on('message', ({ id, name, argument }: Question) => {
    void answer(commands, name, argument).then(
      (value) => process.send?.({ id, value } satisfies Answer),
      (error: unknown) => {
        const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
        process.send?.({ id, error: `${name}: ${text}` } satisfies Answer)
      },
    )
  })
  // Not `process.exit` in the middle of a write of the profiler: it runs when the event loop turns.
  process.on('disconnect', () => process.exit(0))
}

async function answer(commands: Commands, name: string, argument: unknown): Promise<unknown> {
  const command = commands[name]
  if (command === undefined) throw new Error(`no such command: ${name}`)
  return command(argument as never)
}
