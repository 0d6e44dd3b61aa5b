// Renders .env.example from the schema, so that it cannot drift: defaults stand as comments, so that a copy of the file
// changes nothing.
import { NOT_BUILT, VARIABLES } from './schema.ts'

export function renderEnvExample(): string {
  const built = Object.entries(VARIABLES).map(
    ([name, { meaning, setting, default: fallback }]) =>
      `# ${meaning} (${setting.kind})\n#${name}=${fallback ?? ''}\n`,
  )
  return [
    '# Settings of voicegate. Every one is optional; an empty value is unset. Generated: npm run docs\n',
    ...built,
    `# Named already, not built yet (a value is refused at start):\n# ${Object.keys(NOT_BUILT).join(' ')}\n`,
  ].join('\n')
}
