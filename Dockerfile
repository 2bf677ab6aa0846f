# millrace as an image. Debian 13 for its C library: the binaries of uWebSockets.js need glibc 2.38 or later.
#
#   docker build -t millrace .                           with uWebSockets.js as the HTTP server
#   docker build -t millrace --build-arg UWEBSOCKETS= .  without: node:http serves, no git and no GitHub needed
#
#   docker run -p 4317:4317 -p 4318:4318 -p 12345:12345 -e OTLP_ENDPOINT=tempo:4317 millrace
#   docker run ... -v ./gateway.alloy:/etc/millrace/config.alloy:ro millrace

FROM node:24-trixie-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc tsconfig.json tsconfig.build.json ./
COPY tools ./tools
RUN npm ci
COPY src ./src
RUN npm run build

FROM node:24-trixie-slim AS production
ARG UWEBSOCKETS=v20.69.0
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev
# Not on the npm registry. Of its binaries only the one for this Node and this processor stays.
RUN if [ -n "$UWEBSOCKETS" ]; then \
      apt-get update && apt-get install --yes --no-install-recommends ca-certificates git \
      && npm install --no-save --omit=dev "git+https://github.com/uNetworking/uWebSockets.js.git#$UWEBSOCKETS" \
      && keep="uws_linux_$(node -p 'process.arch + "_" + process.versions.modules').node" \
      && test -f "node_modules/uWebSockets.js/$keep" \
      && find node_modules/uWebSockets.js -name 'uws_*.node' ! -name "$keep" -delete \
      && node -e 'require("uWebSockets.js")'; \
    fi

FROM node:24-trixie-slim
LABEL org.opencontainers.image.title="millrace" \
      org.opencontainers.image.description="A trace gateway collector that runs Grafana Alloy configuration" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production
WORKDIR /app
COPY --from=production /app/node_modules ./node_modules
COPY --from=build /build/dist ./dist
COPY package.json LICENSE README.md ./
COPY bin ./bin
COPY examples/tempo.alloy /etc/millrace/config.alloy
RUN mkdir -p /var/lib/millrace && chown 10473:10473 /var/lib/millrace

USER 10473:10473
WORKDIR /var/lib/millrace
# OTLP/gRPC, OTLP/HTTP, admin server
EXPOSE 4317 4318 12345
ENV MILLRACE_SERVER_HTTP_LISTEN_ADDR=0.0.0.0:12345
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s CMD ["node", "/app/bin/millrace.mjs", "healthcheck"]
ENTRYPOINT ["node", "/app/bin/millrace.mjs"]
CMD ["run", "/etc/millrace/config.alloy"]
