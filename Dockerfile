# How to run it: docs/containers.md

FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_ROOT_USER_ACTION=ignore
RUN python -m venv /opt/assistant
ENV PATH=/opt/assistant/bin:$PATH
WORKDIR /src
COPY requirements/run.txt requirements/
RUN pip install --require-hashes -r requirements/run.txt
COPY pyproject.toml hatch_build.py README.md LICENSE ./
COPY locales locales/
COPY conversations conversations/
COPY assistant assistant/
RUN python -m hatchling build -t wheel && pip install --no-deps dist/*.whl

FROM python:3.11-slim-bookworm
# The number is fixed, so that files on volumes keep their owner from one version to the next.
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin assistant \
    && install --directory --owner=assistant --group=assistant --mode=0700 /data
COPY --from=build /opt/assistant /opt/assistant
ENV PATH=/opt/assistant/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    ASSISTANT_DATA_DIR=/data \
    ASSISTANT_LISTEN=0.0.0.0:8080
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, sys, urllib.request as web; port = os.environ['ASSISTANT_LISTEN'].rpartition(':')[2]; direct = web.OpenerDirector(); direct.add_handler(web.HTTPHandler()); answer = direct.open(f'http://127.0.0.1:{port}/healthz', timeout=3); print(answer.read().decode(), end=''); sys.exit(answer.status != 200)"]
ENTRYPOINT ["assistant"]
CMD ["run"]
