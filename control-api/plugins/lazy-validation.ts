// Schemas of requests are compiled when a route is first asked: all two hundred of them take thirty milliseconds of each
// start, and most starts use a few.
import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox'

type Compiler = typeof TypeBoxValidatorCompiler

/** For `setValidatorCompiler`. A schema that cannot be compiled fails its route's first request. */
export const compileWhenAsked: Compiler = (route) => {
  let validate: ReturnType<Compiler> | undefined
  return (value) => (validate ??= TypeBoxValidatorCompiler(route))(value)
}
