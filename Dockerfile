# The image of the one binary. Its Swift libraries are linked in, so that a slim base suffices.
# `docker build .` compiles it; `docker build --target prebuilt --build-arg BINARY=path .` takes a release binary that
# scripts/build made.

FROM debian:bookworm-slim AS runtime
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates libpq5 \
  && rm -rf /var/lib/apt/lists/* \
  && useradd --system --uid 10001 --home-dir /var/lib/latchkey --shell /usr/sbin/nologin latchkey \
  && install --directory --owner=latchkey --group=latchkey --mode=0700 /var/lib/latchkey
USER 10001
ENV LATCHKEY_DATA_DIR=/var/lib/latchkey \
  LATCHKEY_CONSOLE_ADDRESS=0.0.0.0:8080 \
  LATCHKEY_GATEWAY_ADDRESS=0.0.0.0:8000 \
  LATCHKEY_INTERNAL_ADDRESS=0.0.0.0:8001
VOLUME /var/lib/latchkey
EXPOSE 8080 8000 8001
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s --retries=3 CMD ["latchkey", "health"]
ENTRYPOINT ["latchkey"]
CMD ["serve"]

FROM runtime AS prebuilt
ARG BINARY=latchkey
COPY ${BINARY} /usr/local/bin/latchkey

FROM swift:6.3-bookworm AS build
RUN apt-get update && apt-get install --yes --no-install-recommends libpq-dev pkg-config
WORKDIR /latchkey
COPY Package.swift ./
COPY Plugins Plugins
COPY Sources Sources
COPY Tests Tests
COPY sql sql
COPY scripts/build scripts/build
RUN install -D --strip "$(scripts/build)" /latchkey/image/latchkey

FROM runtime AS latchkey
COPY --from=build /latchkey/image/latchkey /usr/local/bin/latchkey
