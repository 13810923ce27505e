# Three images from one file:
#   site          web pages, API, clock and the worker of the queue `sync`; holds no PyTorch
#   worker        the site and the models
#   label-studio  Label Studio with the guard in it
FROM python:3.11-slim AS base
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN apt-get update \
    && apt-get install -y --no-install-recommends curl \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 1000 coderbench \
    && install --directory --owner coderbench /app /data
WORKDIR /app

FROM base AS site-packages
COPY requirements-web.txt .
# Label Studio's SDK asks for OpenCV, for masks on images: 145 MB that no note needs.
RUN pip install -r requirements-web.txt && pip uninstall --yes opencv-python-headless
ENV CODERBENCH_SERVED=1 CODERBENCH_HOME=/data CODERBENCH_STATIC_ROOT=/data/static

FROM site-packages AS worker-packages
# cpu, or the CUDA release of a GPU machine such as cu126; empty takes what pip finds by itself.
ARG TORCH=cpu
ARG TORCH_INDEX=https://download.pytorch.org/whl
COPY requirements.txt .
RUN pip install ${TORCH:+--extra-index-url $TORCH_INDEX/$TORCH} -r requirements.txt

FROM site-packages AS site
COPY --chown=coderbench:coderbench . .
USER coderbench
CMD ["sh", "scripts/serve-site.sh"]

FROM worker-packages AS worker
COPY --chown=coderbench:coderbench . .
USER coderbench
CMD ["celery", "-A", "config", "worker", "-c", "2", "-Q", "models", "-l", "info"]

FROM base AS label-studio
COPY requirements-label-studio.txt .
RUN pip install -r requirements-label-studio.txt
COPY --chown=coderbench:coderbench label_studio_guard label_studio_guard
USER coderbench
CMD ["python", "-m", "label_studio_guard"]
