FROM python:3.11-slim-bookworm

RUN apt-get update \
    && apt-get install --yes --no-install-recommends git make \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --shell /usr/sbin/nologin planner \
    && install --directory --owner planner /srv/podplanner

USER planner
WORKDIR /srv/podplanner
COPY --chown=planner . .
RUN make install

CMD ["make", "plan"]
