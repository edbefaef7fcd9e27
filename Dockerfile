# How to run it: docs/containers.md

FROM python:3.11-slim-bookworm AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_ROOT_USER_ACTION=ignore
# pip stays outside of what it installs into.
RUN python -m venv --without-pip /opt/assistant
COPY requirements/run.txt /src/requirements/
RUN python -m pip --python /opt/assistant/bin/python install --require-hashes -r /src/requirements/run.txt

FROM packages AS code
WORKDIR /src
COPY pyproject.toml hatch_build.py README.md LICENSE ./
COPY locales locales/
COPY conversations conversations/
COPY assistant assistant/
RUN /opt/assistant/bin/python -m hatchling build -t wheel \
    && python -m pip --python /opt/assistant/bin/python install --no-deps --root /code dist/*.whl

FROM packages AS packages-to-run
RUN python -m pip --python /opt/assistant/bin/python uninstall --yes editables hatchling pathspec pluggy trove-classifiers

FROM python:3.11-slim-bookworm
# The number is fixed, so that files on volumes keep their owner from one version to the next.
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin assistant \
    && install --directory --owner=assistant --group=assistant --mode=0700 /data /data/keys /cases
# A layer that changes with the lock only, and a small one for the code.
COPY --from=packages-to-run /opt/assistant /opt/assistant
COPY --from=code /code/opt/assistant /opt/assistant
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
HEALTHCHECK --interval=15s --timeout=10s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, sys, urllib.request as web; port = os.environ['ASSISTANT_LISTEN'].rpartition(':')[2]; direct = web.OpenerDirector(); direct.add_handler(web.HTTPHandler()); answer = direct.open(f'http://127.0.0.1:{port}/readyz', timeout=8); print(answer.read().decode(), end=''); sys.exit(answer.status != 200)"]
ENTRYPOINT ["assistant"]
CMD ["run"]
