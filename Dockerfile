FROM python:3.11-slim-bookworm

RUN apt-get update \
    && apt-get install --yes --no-install-recommends git make \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 1000 --create-home --shell /usr/sbin/nologin planner \
    && install --directory --owner 1000 /srv/podplanner

USER 1000
WORKDIR /srv/podplanner
COPY --chown=1000 . .
RUN make install

# Listens on loopback: run it on the host's network, or as compose.yaml does.
EXPOSE 8700
CMD [".venv/bin/podplanner", "serve"]
