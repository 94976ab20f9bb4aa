# A manager in a container: docs/install.md#container
FROM node:22-bookworm-slim AS build
WORKDIR /src
COPY . .
RUN npm ci --no-audit --no-fund \
  && npm run generate \
  && npm run build \
  && npm pack --pack-destination /tmp

FROM node:22-bookworm-slim
COPY --from=build /tmp/commonhold-*.tgz /tmp/
RUN npm install --global --no-audit --no-fund /tmp/commonhold-*.tgz \
  && npm cache clean --force \
  && rm /tmp/commonhold-*.tgz \
  && install --directory --owner=node --mode=0700 /data /run/commonhold
USER node
VOLUME /data
# Options of serve, and the address for commands in the container.
ENV COMMONHOLD_LISTEN=unix:/run/commonhold/manager.sock \
  COMMONHOLD_DATA_DIR=/data \
  COMMONHOLD_ADDRESS=unix:/run/commonhold/manager.sock
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["commonhold", "sessions", "--json"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["commonhold"]
CMD ["serve"]
