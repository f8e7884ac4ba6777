# The service and the four libraries it is linked to: no shell, no package manager, no user but one without rights.
# Needs nothing writable: run it with a read-only root. docker build -t hagukumi .
ARG RUST=rust:1-bookworm
FROM ${RUST} AS build
WORKDIR /src
COPY Cargo.toml Cargo.lock build.rs ./
COPY src src
# Named by Cargo.toml, not built.
COPY tests/api/main.rs tests/api/
COPY migrations migrations
COPY data data
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/src/target \
    cargo build --release --locked --bin hagukumi \
    && install -D target/release/hagukumi /image/hagukumi
# The loader, libc, libm and libgcc_s, under the paths the program looks for them.
RUN ldd /image/hagukumi | grep -o '/[^ ]*' | xargs -I{} cp --parents --dereference {} /image

FROM scratch
COPY --from=build /image /
USER 65532:65532
ENV HOST=0.0.0.0 PORT=8080 LOG_FORMAT=json
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=4s --start-period=10s --retries=2 CMD ["/hagukumi", "healthcheck"]
ENTRYPOINT ["/hagukumi"]
CMD ["serve"]
