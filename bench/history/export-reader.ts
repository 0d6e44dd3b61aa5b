// Reads an export as fast as it comes, in a process of its own, and prints how many bytes it had.
const answer = await fetch(process.argv[2] ?? '')
if (answer.status !== 200 || !answer.body) throw new Error(`answered with ${answer.status}`)
let bytes = 0
for await (const chunk of answer.body as AsyncIterable<Uint8Array>) bytes += chunk.length
process.stdout.write(String(bytes))
