// How the console is built: scripts/build-console.ts runs it, and tells where the result goes.
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  base: '/console/',
  plugins: [react()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    manifest: true,
    // From here on browsers know light-dark(): what it is lowered to for older ones does not follow the chosen look.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    // Nothing inline: the policy lets no data: font or script in.
    assetsInlineLimit: 0,
    // Measured as gzipped first load by scripts/build-console.ts instead.
    chunkSizeWarningLimit: 1000,
  },
})
