# hepctl in an image: what `npm pack` makes, and Node, and nothing else (no shell, no package manager).
#
#   docker build --tag hostendpoint-reconciler:0.1.0 .
#   docker run --rm --read-only hostendpoint-reconciler:0.1.0 --help

FROM node:24-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
# What is installed only bundles; none of it travels, and none of it needs to run anything when it is installed.
RUN npm ci --ignore-scripts
COPY . .
RUN npm pack --silent --pack-destination . && mkdir image && tar -xzf hostendpoint-reconciler-*.tgz --strip-components=1 -C image

FROM gcr.io/distroless/nodejs24-debian12:nonroot
LABEL org.opencontainers.image.title="hostendpoint-reconciler" \
      org.opencontainers.image.description="Keeps a Calico HostEndpoint for every node of a cluster, and never locks a node out" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /src/image /app
# By number, so that Kubernetes can see that it is not root (runAsNonRoot).
USER 65532:65532
ENTRYPOINT ["/nodejs/bin/node", "/app/functions/cli/hepctl.mjs"]
CMD ["--help"]
