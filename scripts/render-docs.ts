// npm run docs: writes the documents made from code.
import { writeFileSync } from 'node:fs'
import { renderedDocuments } from './rendered-documents.ts'

for (const { path, text } of await renderedDocuments()) {
  writeFileSync(path, text)
  console.log(`wrote ${path}`)
}
