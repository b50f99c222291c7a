# Build: docker build -t sallyport .
# Run:   see docs/guides/docker.md

FROM node:24-bookworm-slim AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends python3 make g++ \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json ./
COPY scripts/copy-assets.mjs scripts/
COPY src src
RUN npm run build && npm prune --omit=dev

FROM node:24-bookworm-slim
# ca-certificates: the trust anchors for `verified` TLS.
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates \
 && rm -rf /var/lib/apt/lists/* \
 && groupadd --system --gid 10025 sallyport \
 && useradd --system --uid 10025 --gid sallyport --home-dir /var/lib/sallyport --shell /usr/sbin/nologin sallyport \
 && install -d -o sallyport -g sallyport -m 0700 /var/lib/sallyport \
 && install -d -m 0755 /etc/sallyport
ENV NODE_ENV=production SALLYPORT_CONFIG=/etc/sallyport/config.yaml
WORKDIR /opt/sallyport
COPY --from=build /build/package.json ./
COPY --from=build /build/node_modules node_modules
COPY --from=build /build/dist dist
COPY policies /etc/sallyport/policies
# What `sallyport init` copies.
COPY policies policies
# `docker exec CONTAINER sallyport …`
RUN chmod 0755 dist/main.js && ln -s /opt/sallyport/dist/main.js /usr/local/bin/sallyport
USER sallyport
VOLUME /var/lib/sallyport
# Above 1024, so that no capability is needed; publish them as 587, 465 and 443.
EXPOSE 2587 2465 8443
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:9464/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/opt/sallyport/dist/main.js"]
CMD ["start", "--config", "/etc/sallyport/config.yaml"]
