# Two images from one file: `site` (web, worker, beat) and `label-studio` (with the guard in it).
FROM python:3.11-slim AS base
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 1000 coderbench
WORKDIR /app

FROM base AS site
COPY requirements.txt .
RUN pip install -r requirements.txt
COPY --chown=coderbench:coderbench . .
RUN mkdir -p /data && chown coderbench:coderbench /data
USER coderbench
ENV CODERBENCH_SERVED=1 CODERBENCH_HOME=/data CODERBENCH_STATIC_ROOT=/data/static
CMD ["sh", "-c", "python manage.py migrate --noinput && python manage.py collectstatic --noinput && exec gunicorn config.wsgi -b 0.0.0.0:8000 --workers 2 --threads 8"]

FROM base AS label-studio
COPY requirements-label-studio.txt .
RUN pip install -r requirements-label-studio.txt
COPY --chown=coderbench:coderbench label_studio_guard label_studio_guard
RUN mkdir -p /data && chown coderbench:coderbench /data
USER coderbench
CMD ["python", "-m", "label_studio_guard"]
