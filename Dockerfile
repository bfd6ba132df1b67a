# couponguard, one program for every role: docker build -t couponguard:0.1.0 .
# The last stage holds what package.json calls its files and the dependencies that run, no
# compiler, no shell history, no secret; it runs as `node`. /data takes what `start` keeps, /keys a
# key that workers share.
FROM node:24.11.1-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run build

FROM node:24.11.1-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts

FROM node:24.11.1-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json LICENSE ./
COPY playbooks ./playbooks
COPY models ./models
COPY schemas ./schemas
COPY mappings ./mappings
COPY examples ./examples
RUN install -d -m 0700 -o node -g node /data /keys
USER node
EXPOSE 7070
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:7070/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "--max-semi-space-size=64", "--initial-old-space-size=256", "dist/main.js"]
CMD ["--help"]
