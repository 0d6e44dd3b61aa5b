// The console starts here.
import { createRoot } from 'react-dom/client'
import { App } from './shell/app.tsx'
import { ownHistory } from './session/own-history.ts'
import { distrustKeptPages } from './session/sign-out.ts'
import { reloadWhenOutdated } from './shell/reload-when-outdated.ts'

const root = document.querySelector('#root')
if (root === null) throw new Error('index.html has no #root')
ownHistory()
distrustKeptPages()
reloadWhenOutdated()
createRoot(root).render(<App />)
