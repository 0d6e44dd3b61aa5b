# voicegate in a container: Node runs the TypeScript of the server as it is; only the console is built, with tools that stay
# behind (docs/operations.md, docs/adr/0002, docs/adr/0020).
FROM node:24.21.0-bookworm-slim AS console

WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# With the optional packages: Vite's own programs for this kind of machine are among them.
RUN npm ci --include=dev && npm cache clean --force
COPY . .
RUN node --disable-warning=ExperimentalWarning scripts/build-console.ts

FROM node:24.21.0-bookworm-slim

ENV NODE_ENV=production
WORKDIR /app

# First what changes seldom. Videos are checked and converted by ffmpeg (docs/media.md): Debian's, with its security fixes.
RUN apt-get update && apt-get install -y --no-install-recommends ffmpeg && rm -rf /var/lib/apt/lists/*

# Among the optional packages are sharp's own programs, which read photos, and a Node, which this image already has. No
# package runs code at its installation (.npmrc).
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev && rm -rf node_modules/node-linux-* node_modules/.bin/node && npm cache clean --force

# What .dockerignore lets through: no tests, no data, no .env.
COPY . .
COPY --from=console /app/control-api/console/dist control-api/console/dist

# The only place that is written. A named volume that is mounted here takes over its owner.
RUN install -d -m 0700 -o node -g node /data
VOLUME /data
# Compiled once and kept beside the data, as in the systemd unit: a third of a start.
ENV DATA_DIR=/data NODE_COMPILE_CACHE=/data/compile-cache

USER node
# The signal that lets calls finish (docs/closing.md).
STOPSIGNAL SIGTERM
# Alive, not ready: one that drains must not be restarted.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "deploy/healthcheck.mjs"]
# Node itself is the first process and hears the signals; the flags are those of scripts/run.mjs.
CMD ["node", "--no-wasm-code-gc", "--disable-warning=ExperimentalWarning", "main.ts"]
